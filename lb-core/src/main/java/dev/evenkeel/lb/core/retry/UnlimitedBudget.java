package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/** See {@link RetryBudgets#unlimited}. */
enum UnlimitedBudget implements RetryBudget, RetryBudget.Account {
    INSTANCE;

    @Override
    public Account open(long nowNanos) {
        return this;
    }

    @Override
    public void callStarted(long nowNanos) {}

    @Override
    public boolean tryRetry(Outcome failure, long nowNanos) {
        return true;
    }

    @Override
    public void giveBack() {}

    @Override
    public void attemptEnded(Outcome outcome, boolean retry, long nowNanos) {}

    @Override
    public int left(long nowNanos) {
        return Integer.MAX_VALUE;
    }

    @Override
    public String toString() {
        return "RetryBudgets.unlimited()";
    }
}
