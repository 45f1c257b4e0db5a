package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/** See {@link RetryBudgets#percentOfCalls}. */
record PercentOfCallsBudget(double percent, double minRetriesPerSecond) implements RetryBudget {
    /** As in Finagle, the attempts of a second can be used for ten seconds. */
    private static final double SECONDS_SAVED = 10;

    private static final double MAX_SAVED = 100_000;

    PercentOfCallsBudget {
        if (!(percent >= 0 && percent <= 1_000)) {
            throw new IllegalArgumentException("percent must be 0..1000: " + percent);
        }
        if (!(minRetriesPerSecond >= 0 && minRetriesPerSecond <= 10_000)) {
            throw new IllegalArgumentException("minRetriesPerSecond must be 0..10000: " + minRetriesPerSecond);
        }
    }

    @Override
    public Account open(long nowNanos) {
        return new ShareAccount(percent, minRetriesPerSecond, nowNanos);
    }

    @Override
    public String toString() {
        return "RetryBudgets.percentOfCalls(" + percent + ", " + minRetriesPerSecond + ")";
    }

    private static final class ShareAccount implements Account {
        private final TokenBucket savings;

        ShareAccount(double percent, double minRetriesPerSecond, long nowNanos) {
            double reserve = minRetriesPerSecond * SECONDS_SAVED;
            savings = new TokenBucket(
                    percent, minRetriesPerSecond, Math.min(MAX_SAVED, reserve + 100 * percent), reserve, nowNanos);
        }

        @Override
        public void callStarted(long nowNanos) {
            savings.callStarted();
        }

        @Override
        public boolean tryRetry(Outcome failure, long nowNanos) {
            return savings.take(nowNanos);
        }

        @Override
        public void giveBack() {
            savings.giveBack();
        }

        @Override
        public void attemptEnded(Outcome outcome, boolean retry, long nowNanos) {}

        @Override
        public int left(long nowNanos) {
            return savings.left(nowNanos);
        }
    }
}
