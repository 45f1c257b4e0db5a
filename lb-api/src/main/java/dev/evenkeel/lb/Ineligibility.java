package dev.evenkeel.lb;

/** Why a backend cannot be chosen. */
public enum Ineligibility {
    /** An operator, or its removal, drains it. */
    DRAINING("draining"),
    /** An operator has put it into maintenance. */
    MAINTENANCE("in maintenance"),
    /** Active checks have found it down. */
    DOWN("down"),
    /** It was ejected as an outlier. */
    EJECTED("ejected"),
    /** It has asked for a rest, such as by {@code Retry-After}. */
    RESTING("resting"),
    /** Its circuit breaker refuses calls. */
    BREAKER_OPEN("breaker open"),
    /** It has as many calls in flight as it may have. */
    FULL("full"),
    /** It was tried in this call. */
    TRIED("tried in this call"),
    /** The request may not be sent to it: {@link RequestContext#permitted}. */
    NOT_PERMITTED("not permitted for this call"),
    /** It is in a failover tier that is not in use. */
    STANDBY("standby tier"),
    /** It is degraded, and the healthy ones can take everything. */
    DEGRADED("degraded and not needed"),
    /** Its tier is in panic, and the pool's policy is to fail fast then. */
    PANIC("failing fast in panic"),
    /** It is not of the subset that the request, or the pool by default, wants. Only {@link Decision} says so. */
    OTHER_SUBSET("not of the subset"),
    /** It is in a zone that gets nothing, since the local one can take everything. */
    REMOTE_ZONE("in a zone not in use");

    private final String text;

    Ineligibility(String text) {
        this.text = text;
    }

    /**
     * The reason in words, as error messages have it.
     *
     * @return a few lower-case words
     */
    public String text() {
        return text;
    }
}
