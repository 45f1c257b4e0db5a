package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/** A share of the calls, behind a token gate, with more caution after timeouts: see {@link RetryBudgets#standard}. */
enum StandardBudget implements RetryBudget {
    INSTANCE;

    private static final double PERCENT_OF_CALLS = 10;
    private static final double PER_SECOND = 1;
    private static final double MAX_SAVED = 100;
    private static final int TOKENS = 100;
    private static final double TOKEN_RATIO = 0.1;

    // A timeout may mean overload, which another attempt makes worse. Ten in five seconds add little, and without them
    // a hanging backend would fail calls of a client that makes few.
    private static final int TIMEOUTS_MIN_SEEN = 20;
    private static final double TIMEOUTS_MAX_SHARE = 0.02;
    private static final int TIMEOUTS_FEW = 10;

    @Override
    public Account open(long nowNanos) {
        return new StandardAccount(nowNanos);
    }

    @Override
    public String toString() {
        return "RetryBudgets.standard()";
    }

    private static final class StandardAccount implements Account {
        private final TokenBucket savings;
        private final RetryThrottle gate = new RetryThrottle(TOKENS, TOKEN_RATIO);
        private final RecentFailures recent;

        StandardAccount(long nowNanos) {
            savings = new TokenBucket(PERCENT_OF_CALLS, PER_SECOND, MAX_SAVED, MAX_SAVED, nowNanos);
            recent = new RecentFailures(nowNanos);
        }

        @Override
        public void callStarted(long nowNanos) {
            savings.callStarted();
        }

        @Override
        public boolean tryRetry(Outcome failure, long nowNanos) {
            return gate.isOpen()
                    && (failure != Outcome.TIMED_OUT
                            || !recent.areMany(nowNanos, TIMEOUTS_MIN_SEEN, TIMEOUTS_MAX_SHARE, TIMEOUTS_FEW))
                    && savings.take(nowNanos);
        }

        @Override
        public void giveBack() {
            savings.giveBack();
        }

        @Override
        public void attemptEnded(Outcome outcome, boolean retry, long nowNanos) {
            if (outcome.isNeutral()) {
                return;
            }
            gate.ended(outcome);
            recent.ended(BudgetFailures.isFailure(outcome), nowNanos);
        }

        @Override
        public int left(long nowNanos) {
            return Math.min(gate.left(), savings.left(nowNanos));
        }
    }
}
