package dev.evenkeel.lb.core.retry;

import dev.evenkeel.lb.Outcome;

/** See {@link RetryBudgets#tokens}. */
record TokenBudget(int maxTokens, double tokenRatio) implements RetryBudget {

    TokenBudget {
        if (maxTokens < 1 || maxTokens > 1_000) {
            throw new IllegalArgumentException("maxTokens must be 1..1000: " + maxTokens);
        }
        if (!(tokenRatio >= 0.001 && tokenRatio <= maxTokens)) {
            throw new IllegalArgumentException("tokenRatio must be 0.001.." + maxTokens + ": " + tokenRatio);
        }
    }

    @Override
    public Account open(long nowNanos) {
        return new TokenAccount(new RetryThrottle(maxTokens, tokenRatio));
    }

    @Override
    public String toString() {
        return "RetryBudgets.tokens(" + maxTokens + ", " + tokenRatio + ")";
    }

    private record TokenAccount(RetryThrottle gate) implements Account {
        @Override
        public void callStarted(long nowNanos) {}

        @Override
        public boolean tryRetry(Outcome failure, long nowNanos) {
            return gate.isOpen();
        }

        @Override
        public void giveBack() {}

        @Override
        public void attemptEnded(Outcome outcome, boolean retry, long nowNanos) {
            gate.ended(outcome);
        }

        @Override
        public int left(long nowNanos) {
            return gate.left();
        }
    }
}
