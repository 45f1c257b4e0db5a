package dev.evenkeel.lb.core.internal.backend;

/** How far a backend has got in slow start. Written by {@code SlowStartTracker} only. */
public final class RampState {
    static final RampState NONE = new RampState();

    private boolean ramping;
    private long sinceNanos;
    private volatile double factor = 1;
    private volatile double admission = 1;

    public boolean isRamping() {
        return ramping;
    }

    public long sinceNanos() {
        return sinceNanos;
    }

    /** The part of its weight that the backend has reached; 1 unless it ramps up. */
    public double factor() {
        return factor;
    }

    /** The share of requests that may choose it, under a strategy that ignores weights; 1 unless it ramps up. */
    double admission() {
        return admission;
    }

    public void begin(long nowNanos) {
        ramping = true;
        sinceNanos = nowNanos;
    }

    public void factor(double reached) {
        factor = reached;
    }

    public void end() {
        ramping = false;
        factor = 1;
    }

    void admission(double partOfRequests) {
        admission = partOfRequests;
    }
}
