package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** See {@link RetryBudgets#percentInFlight}. */
record InFlightBudget(double percent, int minRetries) implements RetryBudget {

    InFlightBudget {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("percent must be 0..100: " + percent);
        }
        if (minRetries < 0) {
            throw new IllegalArgumentException("minRetries must not be negative: " + minRetries);
        }
    }

    @Override
    public Account open(long nowNanos) {
        return new InFlightAccount(this);
    }

    @Override
    public String toString() {
        return "RetryBudgets.percentInFlight(" + percent + ", " + minRetries + ")";
    }

    private static final class InFlightAccount implements Account {
        private final InFlightBudget budget;
        private final LongAdder attempts = new LongAdder();
        private final AtomicInteger retries = new AtomicInteger();

        InFlightAccount(InFlightBudget budget) {
            this.budget = budget;
        }

        @Override
        public void callStarted(long nowNanos) {
            attempts.increment();
        }

        @Override
        public boolean tryRetry(Outcome failure, long nowNanos) {
            int most = most();
            int before;
            do {
                before = retries.get();
                if (before >= most) {
                    return false;
                }
            } while (!retries.compareAndSet(before, before + 1));
            attempts.increment();
            return true;
        }

        private int most() {
            return (int) Math.max(budget.minRetries(), attempts.sum() * budget.percent() / 100);
        }

        @Override
        public void giveBack() {
            retries.decrementAndGet();
            attempts.decrement();
        }

        @Override
        public void attemptEnded(Outcome outcome, boolean retry, long nowNanos) {
            attempts.decrement();
            if (retry) {
                retries.decrementAndGet();
            }
        }

        @Override
        public int left(long nowNanos) {
            return Math.max(0, most() - retries.get());
        }
    }
}
