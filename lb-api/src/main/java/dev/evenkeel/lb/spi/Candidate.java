package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.Backend;
import java.util.function.Supplier;

/**
 * A backend as a strategy sees it: eligible when the picker was created, with live statistics.
 *
 * <p>The object belongs to the backend's id: it stays the same over every change of the list. Every method is
 * thread-safe, takes no lock and, unless stated, allocates nothing.
 */
public interface Candidate {

    /**
     * The backend.
     *
     * @return the latest description
     */
    Backend backend();

    /**
     * The effective weight: the configured one times slow start and the pool's policies.
     *
     * @return greater than 0 and finite
     */
    double weight();

    /**
     * Whether it is in slow start: its weight is a growing part of the configured one. Such a candidate must not get more
     * than its weight's share of the calls, however idle or quick it is. Read it when a picker is made: the end of a ramp
     * is a change of the weight, and makes another picker.
     *
     * @return true while it ramps up; by default false
     */
    default boolean isInSlowStart() {
        return false;
    }

    /**
     * The calls in flight, streams included.
     *
     * @return at least 0
     */
    int inFlight();

    /**
     * Whether it can take one more call now: below its limit, and its breaker lets calls pass.
     * {@link PickRequest#accepts} checks this and more.
     *
     * @return true if it can
     */
    boolean isAvailable();

    /**
     * A running median of the time to a response, over about the last 10 s. Only successes and timeouts are samples:
     * the speed of an error says nothing.
     *
     * @return nanoseconds; 0 without a sample
     */
    double latencyNanos();

    /**
     * When the last sample of {@link #latencyNanos} was recorded.
     *
     * @return on the clock of {@link PickRequest#nowNanos}; meaningless without a sample
     */
    long latencySampleNanos();

    /**
     * The usual time between two samples of {@link #latencyNanos}: a moving average of about the last 20 gaps, each counted as
     * at most 10 s. The average starts at 0, so it is too small while the samples are few.
     *
     * @return nanoseconds; by default 0, as after the first sample
     */
    default double latencyGapNanos() {
        return 0;
    }

    /**
     * The number of samples of {@link #latencyNanos} so far.
     *
     * @return at least 0; by default as many as an {@code int} can count, as for a backend known for long
     */
    default int latencySamples() {
        return Integer.MAX_VALUE;
    }

    /**
     * The mean time that the calls which have no answer yet have been waiting.
     *
     * @param nowNanos the time, as {@link PickRequest#nowNanos}
     * @return nanoseconds; 0 if no call waits
     */
    double waitingNanos(long nowNanos);

    /**
     * The recent share of failures, an average that adapts within about 10 s and fades without new calls.
     *
     * @param nowNanos the time, as {@link PickRequest#nowNanos}
     * @return 0 to 1
     */
    double failureRate(long nowNanos);

    /**
     * The strategy's own state for this backend. It lives as long as the backend's id is in the pool.
     *
     * @param <T> the type
     * @param key the class of the state, one per strategy
     * @param initial creates the state; effective at most once per backend, but may be called more often in a race
     * @return the state
     */
    <T> T state(Class<T> key, Supplier<? extends T> initial);
}
