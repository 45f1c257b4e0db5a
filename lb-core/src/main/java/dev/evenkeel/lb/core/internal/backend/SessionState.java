package dev.evenkeel.lb.core.internal.backend;

/** When a backend's sessions were last seen. Written by {@code PoolLease} only, on the call path. */
public final class SessionState {
    static final SessionState NONE = new SessionState();

    private static final long NO_SESSION = Long.MIN_VALUE;

    private volatile long lastNanos = NO_SESSION;

    /** How much longer a returning session is expected; 0 or less if none is. */
    public long expectedNanos(long idleNanos, long nowNanos) {
        long last = lastNanos;
        return last == NO_SESSION ? 0 : last + idleNanos - nowNanos;
    }

    /** A call of a session begins, or a session is bound. */
    public void seen(long nowNanos) {
        lastNanos = nowNanos;
    }
}
