package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.BreakerState;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** What the circuit breakers know of a backend. Written by {@code CircuitBreakers} only. */
public final class CircuitState {
    static final CircuitState NONE = new CircuitState();

    private static final AtomicReferenceFieldUpdater<CircuitState, @Nullable Breaker> BREAKER =
            AtomicReferenceFieldUpdater.newUpdater(CircuitState.class, Breaker.class, "breaker");

    /** Null while the breaker's window has no failure. Each trial has a breaker of its own. */
    private volatile @Nullable Breaker breaker;

    private volatile BreakerState state = BreakerState.CLOSED;
    private long sinceNanos;
    private int openings;
    private int totalOpenings;
    private volatile boolean refusing;
    private boolean unreachable;
    private long openedNanos;
    private volatile double recentLatencyNanos;

    /** The breaker that records calls; null while its window has no failure. */
    public @Nullable Breaker breaker() {
        return breaker;
    }

    public BreakerState state() {
        return state;
    }

    public boolean isOpen() {
        return state == BreakerState.OPEN;
    }

    /** When the present state began. */
    public long sinceNanos() {
        return sinceNanos;
    }

    /** How often the breaker has opened since it last closed. */
    public int openings() {
        return openings;
    }

    /** How often the breaker has opened. */
    public int totalOpenings() {
        return totalOpenings;
    }

    /** Whether the latest call that says something about reachability was never sent. */
    public boolean isRefusing() {
        return refusing;
    }

    /** The median latency of about the last second; 0 if it is not known. */
    public double recentLatencyNanos() {
        return recentLatencyNanos;
    }

    public void recentLatencyNanos(double median) {
        recentLatencyNanos = median;
    }

    /** When the breaker last opened because of failed calls. */
    long openedNanos() {
        return openedNanos;
    }

    /** Whether the backend could not be reached when its breaker opened. */
    public boolean isUnreachable() {
        return unreachable;
    }

    /**
     * Sets the breaker if there is none; the only change of the breaker on the call path.
     *
     * @return the breaker that is set now
     */
    public @Nullable Breaker begin(Breaker fresh) {
        return BREAKER.compareAndSet(this, null, fresh) ? fresh : breaker;
    }

    /** Removes this breaker, unless another one has replaced it. */
    public void drop(Breaker present) {
        BREAKER.compareAndSet(this, present, null);
    }

    public void breaker(@Nullable Breaker next) {
        breaker = next;
    }

    public void state(BreakerState next, long nowNanos) {
        state = next;
        sinceNanos = nowNanos;
    }

    public void countOpening() {
        openings++;
        totalOpenings++;
    }

    public void forgetOpenings() {
        openings = 0;
    }

    /** Goes on counting where the same backend ended. */
    void restore(int formerOpenings) {
        totalOpenings = formerOpenings;
    }

    public void refusing(boolean refuses) {
        if (refusing != refuses) {
            refusing = refuses;
        }
    }

    public void opened(boolean notReached, long nowNanos) {
        unreachable = notReached;
        openedNanos = nowNanos;
    }
}
