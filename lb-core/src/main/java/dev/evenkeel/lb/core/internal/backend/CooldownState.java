package dev.evenkeel.lb.core.internal.backend;

/** The cooldown that a backend has asked for. Written by {@code RetryAfterCooldowns} only. */
public final class CooldownState {
    static final CooldownState NONE = new CooldownState();

    private volatile boolean active;
    private volatile long untilNanos;

    public boolean isActive() {
        return active;
    }

    /** When the last cooldown ends. */
    public long untilNanos() {
        return untilNanos;
    }

    public void begin(long endNanos) {
        untilNanos = endNanos;
        active = true;
    }

    public void end() {
        active = false;
    }
}
