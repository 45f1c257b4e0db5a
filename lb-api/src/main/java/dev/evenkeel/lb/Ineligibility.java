package dev.evenkeel.lb;

/** Why a backend cannot be chosen. */
public enum Ineligibility {
    /** It drains, because of an operator or its removal. */
    DRAINING("draining"),
    /** An operator has put it into maintenance. */
    MAINTENANCE("in maintenance"),
    /** Active checks have found it down. */
    DOWN("down"),
    /** It was ejected as an outlier. */
    EJECTED("ejected"),
    /** It is in a cooldown that it asked for, such as by {@code Retry-After}. */
    RESTING("resting"),
    /** Its circuit breaker refuses calls. */
    BREAKER_OPEN("breaker open"),
    /** Its calls in flight have reached its limit. */
    FULL("full"),
    /** It was tried in this call. */
    TRIED("tried in this call"),
    /** The request may not be sent to it: {@link RequestContext#permitted}. */
    NOT_PERMITTED("not permitted for this call"),
    /** It is in a failover tier that is not in use. */
    STANDBY("standby tier"),
    /** It is degraded, and the healthy backends can take everything. */
    DEGRADED("degraded and not needed"),
    /** Its tier is in panic, and the pool's policy is to fail fast. */
    PANIC("failing fast in panic"),
    /**
     * It does not belong to the subset that the request, or the pool by default, wants. Only {@link Decision} reports
     * this.
     */
    OTHER_SUBSET("not of the subset"),
    /** It is in a zone without traffic, since the local zone can take everything. */
    REMOTE_ZONE("in a zone not in use");

    private final String text;

    Ineligibility(String text) {
        this.text = text;
    }

    /**
     * The reason in words, as in error messages.
     *
     * @return a few lower-case words
     */
    public String text() {
        return text;
    }
}
