package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.spi.TimeSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One backend's circuit breaker: resilience4j's state machine, without its timers.
 *
 * <p>The pool moves it by its own scheduler: so a pool has no thread of resilience4j's and follows an injected clock. One
 * breaker lives from closed to open, or through one trial; the next trial is another breaker. So a call is recorded where
 * it was permitted, or nowhere, and a permission that is lost with a hung call is lost for one trial only.
 */
public final class Breaker {
    /** resilience4j wants a throwable for each error; what it is does not matter to it. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // never thrown
    private static final Throwable FAILURE = new Throwable("failure", null, false, false) {
        private static final long serialVersionUID = 1L;
    };

    private static final Duration FOR_GOOD = Duration.ofDays(36_500);

    private final CircuitBreaker breaker;

    /** Successes since the last failure; one that is lost to a race keeps the breaker a little longer. */
    private volatile int successStreak;

    private Breaker(String id, BreakerPolicy policy, TimeSource timeSource) {
        breaker = CircuitBreaker.of(
                id,
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                policy.windowSize(),
                                policy.minimumCalls(),
                                SlidingWindowType.COUNT_BASED,
                                SlidingWindowSynchronizationStrategy.LOCK_FREE)
                        .failureRateThreshold((float) policy.failureRatePercent())
                        .permittedNumberOfCallsInHalfOpenState(policy.halfOpenCalls())
                        // For good: the pool ends it.
                        .waitDurationInOpenState(FOR_GOOD)
                        .automaticTransitionFromOpenToHalfOpenEnabled(false)
                        .writableStackTraceEnabled(false)
                        .clock(new TimeSourceClock(timeSource))
                        .build());
    }

    /**
     * Makes a closed breaker.
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
     * Makes the breaker of one trial.
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
     * The state.
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
     * Asks for the permission to make one call. Whoever gets it owes one {@link #record} or {@link #release}.
     *
     * @return whether the call may be made
     */
    public boolean tryAcquire() {
        return state() != BreakerState.OPEN && breaker.tryAcquirePermission();
    }

    /** Gives back a permission whose call said nothing about the backend. */
    public void release() {
        breaker.releasePermission();
    }

    /**
     * Takes a call's end into account.
     *
     * @param failure whether the backend failed
     * @param latencyNanos how long it took
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // see the field
    public void record(boolean failure, long latencyNanos) {
        if (failure) {
            successStreak = 0;
            breaker.onError(latencyNanos, TimeUnit.NANOSECONDS, FAILURE);
        } else {
            successStreak++;
            breaker.onSuccess(latencyNanos, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * The successes since the last failure: at the window's size a closed breaker is as good as new.
     *
     * @return about how many
     */
    public int successStreak() {
        return successStreak;
    }

    /** From half-open to open: the trial has failed for want of an end. From anything else, nothing. */
    public void giveUp() {
        if (breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
            breaker.transitionToOpenState();
        }
    }

    /**
     * The share of failures in the window. Of use when the breaker has opened.
     *
     * @return 0 to 1; 1 if there were too few calls to say
     */
    public double failureShare() {
        double percent = breaker.getMetrics().getFailureRate();
        return percent < 0 ? 1 : percent / 100;
    }

    /**
     * What has been recorded, for people. Of use when the breaker has just opened.
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
