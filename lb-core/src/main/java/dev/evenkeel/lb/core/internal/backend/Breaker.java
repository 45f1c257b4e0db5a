package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.spi.TimeSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Circuit breaker of one backend: resilience4j's state machine without its timers.
 *
 * <p>The pool's own scheduler moves it, so that a pool has no thread of resilience4j and follows an injected clock. One
 * object covers the time from closed to open, or one trial; the next trial is another object. So a call is recorded
 * where it was permitted or not at all, and a permission that is lost with a hung call is lost for one trial only.
 */
public final class Breaker {
    /** resilience4j requires a throwable for each error and does not look at it. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // never thrown
    private static final Throwable FAILURE = new Throwable("failure", null, false, false) {
        private static final long serialVersionUID = 1L;
    };

    private static final Duration FOR_GOOD = Duration.ofDays(36_500);

    private final CircuitBreaker breaker;
    private final TimeSource timeSource;

    /** Successes since the last failure. An update lost to a race keeps the breaker a little longer. */
    private volatile int successStreak;

    private volatile long lastFailureNanos;

    private Breaker(String id, BreakerPolicy policy, TimeSource timeSource) {
        this.timeSource = timeSource;
        this.lastFailureNanos = timeSource.nanoTime();
        this.breaker = CircuitBreaker.of(
                id,
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                policy.windowSize(),
                                policy.minCalls(),
                                SlidingWindowType.COUNT_BASED,
                                SlidingWindowSynchronizationStrategy.LOCK_FREE)
                        .failureRateThreshold((float) policy.failureRatePercent())
                        .permittedNumberOfCallsInHalfOpenState(policy.halfOpenCalls())
                        // Never: it would open for ten long polls of a minute that all succeed.
                        .slowCallDurationThreshold(FOR_GOOD)
                        // For good: the pool ends the open state.
                        .waitDurationInOpenState(FOR_GOOD)
                        .automaticTransitionFromOpenToHalfOpenEnabled(false)
                        .writableStackTraceEnabled(false)
                        .clock(new TimeSourceClock(timeSource))
                        .build());
    }

    /**
     * Creates a closed breaker.
     *
     * @param id the backend's id
     * @param policy when it opens
     * @param timeSource the pool's clock
     * @return a breaker with an empty window
     */
    public static Breaker closed(String id, BreakerPolicy policy, TimeSource timeSource) {
        return new Breaker(id, policy, timeSource);
    }

    /**
     * Creates the breaker of one trial.
     *
     * @param id the backend's id
     * @param policy how many calls the trial has
     * @param timeSource the pool's clock
     * @return a half-open breaker
     */
    public static Breaker trial(String id, BreakerPolicy policy, TimeSource timeSource) {
        Breaker trial = new Breaker(id, policy, timeSource);
        trial.breaker.transitionToOpenState();
        trial.breaker.transitionToHalfOpenState();
        return trial;
    }

    /**
     * The current state.
     *
     * @return now
     */
    public BreakerState state() {
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> BreakerState.OPEN;
            case HALF_OPEN -> BreakerState.HALF_OPEN;
            case CLOSED, DISABLED, METRICS_ONLY -> BreakerState.CLOSED;
        };
    }

    /**
     * Asks for permission to make one call. A caller that gets it must call {@link #record} or {@link #release} once.
     *
     * @return whether the call may be made
     */
    public boolean tryAcquire() {
        return state() != BreakerState.OPEN && breaker.tryAcquirePermission();
    }

    /** Returns a permission whose call said nothing about the backend. */
    public void release() {
        breaker.releasePermission();
    }

    /**
     * Records the end of a call.
     *
     * @param failure whether the backend failed
     * @param latencyNanos how long the call took
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // see the field
    public void record(boolean failure, long latencyNanos) {
        if (failure) {
            successStreak = 0;
            lastFailureNanos = timeSource.nanoTime();
            breaker.onError(latencyNanos, TimeUnit.NANOSECONDS, FAILURE);
        } else {
            successStreak++;
            breaker.onSuccess(latencyNanos, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * The number of successes since the last failure: at the window's size a closed breaker is as good as new.
     *
     * @return an approximate number
     */
    public int successStreak() {
        return successStreak;
    }

    /**
     * Whether the last failure is so long ago that the failures in the window do not count any more.
     *
     * @param windowNanos how long they count
     * @return whether no call has failed for longer than that
     */
    public boolean isOutdated(long windowNanos) {
        return timeSource.nanoTime() - lastFailureNanos > windowNanos;
    }

    /** Moves from half-open to open because the trial did not end. Does nothing in any other state. */
    public void giveUp() {
        if (breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
            breaker.transitionToOpenState();
        }
    }

    /**
     * The share of failures in the window. Meaningful when the breaker has opened.
     *
     * @return 0 to 1; 1 if there were too few calls for a share
     */
    public double failureShare() {
        double percent = breaker.getMetrics().getFailureRate();
        return percent < 0 ? 1 : percent / 100;
    }

    /**
     * A summary of the recorded calls, for people. Meaningful when the breaker has just opened.
     *
     * @return such as {@code 70 % of 10 calls failed}
     */
    public String describe() {
        CircuitBreaker.Metrics metrics = breaker.getMetrics();
        return String.format(
                Locale.ROOT,
                "%.0f %% of %d calls failed",
                Math.max(0, metrics.getFailureRate()),
                metrics.getNumberOfBufferedCalls());
    }

    private static final class TimeSourceClock extends Clock {
        private final TimeSource timeSource;

        TimeSourceClock(TimeSource timeSource) {
            this.timeSource = timeSource;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(timeSource.nanoTime());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
