package dev.evenkeel.lb.core.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Limits the calls in flight of a pool, in addition to its backends' own limits, and sets whether requests beyond the
 * limit wait.
 *
 * <pre>{@code
 * LoadBalancers.builder("users").limits(LimitPolicy.maxInFlight(200).withQueue(50, Duration.ofSeconds(1)))
 * }</pre>
 *
 * @param maxInFlight the maximum of calls in flight in the whole pool, at least 1; {@link Integer#MAX_VALUE} is no
 *     limit
 * @param queueSize how many requests may wait for room, 0 (fail at once, the default) to 1,000,000
 * @param queueTimeout how long a request may wait, 1 ms to 1 h; unused without a queue
 * @param adaptive an adaptive limit of the pool, below {@code maxInFlight}; null without one
 * @param adaptivePerBackend the same for each backend, below its own; null without one
 */
public record LimitPolicy(
        int maxInFlight,
        int queueSize,
        Duration queueTimeout,
        @Nullable AdaptiveLimit adaptive,
        @Nullable AdaptiveLimit adaptivePerBackend) {
    private static final int LARGEST_QUEUE = 1_000_000;
    private static final Duration MIN_DURATION = Duration.ofMillis(1);
    private static final Duration MAX_DURATION = Duration.ofHours(1);

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public LimitPolicy {
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("pool's maxInFlight must be at least 1: " + maxInFlight);
        }
        if (queueSize < 0 || queueSize > LARGEST_QUEUE) {
            throw new IllegalArgumentException("queueSize must be 0.." + LARGEST_QUEUE + ": " + queueSize);
        }
        if (queueTimeout.compareTo(MIN_DURATION) < 0 || queueTimeout.compareTo(MAX_DURATION) > 0) {
            throw new IllegalArgumentException("queueTimeout must be 1 ms to 1 h: " + queueTimeout);
        }
    }

    /**
     * No limit except the backends' own; a request that finds all of them full fails at once.
     *
     * @return the policy, which is the default
     */
    public static LimitPolicy none() {
        return new LimitPolicy(Integer.MAX_VALUE, 0, Duration.ofSeconds(1), null, null);
    }

    /**
     * A limit for the pool; requests beyond it fail at once.
     *
     * @param calls the maximum of calls in flight, at least 1
     * @return a policy
     * @throws IllegalArgumentException if it is less than 1
     */
    public static LimitPolicy maxInFlight(int calls) {
        return new LimitPolicy(calls, none().queueSize, none().queueTimeout, null, null);
    }

    /**
     * This policy with a queue: requests wait at the pool's limit, and while every backend that could serve them is at
     * its own.
     *
     * @param newQueueSize how many may wait, 0 to 1,000,000; further requests fail at once
     * @param newQueueTimeout how long a request may wait, 1 ms to 1 h
     * @return a copy
     * @throws IllegalArgumentException if one is out of range
     */
    public LimitPolicy withQueue(int newQueueSize, Duration newQueueTimeout) {
        return new LimitPolicy(maxInFlight, newQueueSize, newQueueTimeout, adaptive, adaptivePerBackend);
    }

    /**
     * This policy with a limit for the pool that follows the latency of its calls.
     *
     * @param limit such as {@link AdaptiveLimit#standard}
     * @return a copy
     */
    public LimitPolicy withAdaptive(AdaptiveLimit limit) {
        return new LimitPolicy(maxInFlight, queueSize, queueTimeout, limit, adaptivePerBackend);
    }

    /**
     * This policy with a limit for each backend that follows the latency of its calls. The lower of this limit and the
     * backend's own one counts.
     *
     * @param limit such as {@link AdaptiveLimit#standard}
     * @return a copy
     */
    public LimitPolicy withAdaptivePerBackend(AdaptiveLimit limit) {
        return new LimitPolicy(maxInFlight, queueSize, queueTimeout, adaptive, limit);
    }

    /**
     * Whether this policy has no effect.
     *
     * @return true if there is neither a limit nor a queue
     */
    public boolean isNone() {
        return maxInFlight == Integer.MAX_VALUE && queueSize == 0 && adaptive == null && adaptivePerBackend == null;
    }
}
