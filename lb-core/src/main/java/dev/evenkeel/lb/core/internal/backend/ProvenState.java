package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Outcome;

/** Whether calls show that a backend works, so that its checks may be skipped. Written by {@code AttemptTracker} only. */
public final class ProvenState {
    static final ProvenState NONE = new ProvenState();

    /** A call has succeeded, and none has failed since. */
    private volatile boolean proven;

    private volatile long provenNanos;

    public boolean isProvenSince(long nanos) {
        return proven && provenNanos - nanos >= 0;
    }

    public void record(Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            provenNanos = nowNanos;
            proven = true;
        } else if (outcome.isFailure()) {
            proven = false;
        }
    }
}
