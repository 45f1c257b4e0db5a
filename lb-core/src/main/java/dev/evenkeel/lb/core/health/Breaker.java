package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.spi.TimeSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * One backend's circuit breaker: resilience4j's state machine, without its timers.
 *
 * <p>The registry moves it from open to half-open, and back if the trial does not end, by the pool's own scheduler: so a
 * pool has no thread of resilience4j's, follows an injected clock, and a lost permission cannot wedge a backend.
 */
public final class Breaker {
    /** resilience4j wants a throwable for each error; what it is does not matter to it. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // never thrown
    private static final Throwable FAILURE = new Throwable("failure", null, false, false) {
        private static final long serialVersionUID = 1L;
    };

    private final CircuitBreaker breaker;

    /**
     * Makes a closed breaker.
     *
     * @param id the backend's id
     * @param policy when it opens
     * @param timeSource the pool's clock
     */
    public Breaker(String id, BreakerPolicy policy, TimeSource timeSource) {
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
                        .waitDurationInOpenState(policy.maxOpenDuration())
                        .automaticTransitionFromOpenToHalfOpenEnabled(false)
                        .writableStackTraceEnabled(false)
                        .clock(new TimeSourceClock(timeSource))
                        .build());
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
    public void record(boolean failure, long latencyNanos) {
        if (failure) {
            breaker.onError(latencyNanos, TimeUnit.NANOSECONDS, FAILURE);
        } else {
            breaker.onSuccess(latencyNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** From open to half-open; from anything else, nothing. */
    public void halfOpen() {
        if (breaker.getState() == CircuitBreaker.State.OPEN) {
            breaker.transitionToHalfOpenState();
        }
    }

    /** From half-open back to open; from anything else, nothing. */
    public void reopen() {
        if (breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
            breaker.transitionToOpenState();
        }
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
