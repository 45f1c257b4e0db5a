package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/** See {@link RetryBudgets#percentOfCalls}. */
record PercentOfCallsBudget(double percent, double perSecond) implements RetryBudget {
    /** As in Finagle, the attempts of a second can be used for ten seconds. */
    private static final double SECONDS_SAVED = 10;

    private static final double MAX_SAVED = 100_000;

    PercentOfCallsBudget {
        if (!(percent >= 0 && percent <= 1_000)) {
            throw new IllegalArgumentException("percent must be 0..1000: " + percent);
        }
        if (!(perSecond >= 0 && perSecond <= 10_000)) {
            throw new IllegalArgumentException("perSecond must be 0..10000: " + perSecond);
        }
    }

    @Override
    public Account open(long nowNanos) {
        return new ShareAccount(percent, perSecond, nowNanos);
    }

    @Override
    public String toString() {
        return "RetryBudgets.percentOfCalls(" + percent + ", " + perSecond + ")";
    }

    private static final class ShareAccount implements Account {
        private final TokenBucket savings;

        ShareAccount(double percent, double perSecond, long nowNanos) {
            double reserve = perSecond * SECONDS_SAVED;
            savings = new TokenBucket(
                    percent, perSecond, Math.min(MAX_SAVED, reserve + 100 * percent), reserve, nowNanos);
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
