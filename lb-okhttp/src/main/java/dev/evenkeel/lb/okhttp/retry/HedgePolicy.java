package dev.evenkeel.lb.okhttp.retry;

import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a second request is sent to another backend because the first takes long (Dean and Barroso, The Tail at Scale,
 * 2013).
 *
 * <p>Only requests that could be {@link RetryPolicy retried} are hedged: an idempotent method or an
 * {@code Idempotency-Key}, and a body that can be written again. Immutable.
 */
public final class HedgePolicy {
    private static final HedgePolicy STANDARD = new Builder().build();

    private final @Nullable Duration delay;
    private final double multipleOfP95;
    private final RetryBudget budget;

    private HedgePolicy(Builder builder) {
        delay = builder.delay;
        multipleOfP95 = builder.multipleOfP95;
        budget = builder.budget;
    }

    /**
     * Every default: after three times the pool's p95, for 2 % of the calls.
     *
     * @return the policy
     */
    public static HedgePolicy standard() {
        return STANDARD;
    }

    /**
     * Starts a policy.
     *
     * @return a builder with every default
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The fixed time after which the second request is sent.
     *
     * @return null if it is a multiple of the pool's 95th percentile
     */
    public @Nullable Duration delay() {
        return delay;
    }

    /**
     * The multiple of the pool's 95th percentile after which the second request is sent, if there is no fixed time.
     *
     * @return 1 to 100
     */
    public double multipleOfP95() {
        return multipleOfP95;
    }

    /**
     * How many second requests there may be.
     *
     * @return the budget, of which each pool has an account
     */
    public RetryBudget budget() {
        return budget;
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder {
        private static final Duration MIN_DURATION = Duration.ofMillis(1);
        private static final Duration MAX_DURATION = Duration.ofHours(1);

        private @Nullable Duration delay;
        private double multipleOfP95 = 3;
        private RetryBudget budget = RetryBudgets.percentOfCalls(2, 1);

        private Builder() {}

        /**
         * Sends the second request after a fixed time.
         *
         * @param delay 1 ms to 1 hour, from the moment when a backend was chosen for the first
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder delay(Duration delay) {
            if (delay == null || delay.compareTo(MIN_DURATION) < 0 || delay.compareTo(MAX_DURATION) > 0) {
                throw new IllegalArgumentException(
                        "delay must be " + MIN_DURATION + ".." + MAX_DURATION + ": " + delay);
            }
            this.delay = delay;
            return this;
        }

        /**
         * Sends the second request after a multiple of the pool's running 95th percentile, and none before the pool has
         * one. Below 2 it makes overloads worse.
         *
         * @param multipleOfP95 1 to 100; default 3
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder multipleOfP95(double multipleOfP95) {
            if (!(multipleOfP95 >= 1 && multipleOfP95 <= 100)) {
                throw new IllegalArgumentException("multipleOfP95 must be 1..100: " + multipleOfP95);
            }
            this.multipleOfP95 = multipleOfP95;
            this.delay = null;
            return this;
        }

        /**
         * Sets how many second requests there may be. Each pool has an account of its own.
         *
         * @param budget default {@link RetryBudgets#percentOfCalls percentOfCalls(2, 1)}: 2 % of the calls and one a
         *     second
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder budget(RetryBudget budget) {
            if (budget == null) {
                throw new IllegalArgumentException("budget must not be null");
            }
            this.budget = budget;
            return this;
        }

        /**
         * Makes the policy.
         *
         * @return the policy
         */
        public HedgePolicy build() {
            return new HedgePolicy(this);
        }
    }
}
