package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

/** gRPC's budget: tokens that failures take. */
class TokenBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    /** A clock may begin anywhere, and pass through the largest number. */
    private static final long START = Long.MAX_VALUE - 3 * SECOND;

    private long now = START;

    @Test
    void failures_takeHalfOfTheTokens_andSuccessesGiveBackAFraction() {
        RetryBudget.Account account = RetryBudgets.tokens(10, 0.1).open(now);
        for (int i = 0; i < 4; i++) {
            account.attemptEnded(Outcome.SERVER_ERROR, false, now);
            assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isTrue();
        }
        account.attemptEnded(Outcome.SERVER_ERROR, false, now);
        assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isFalse();
        account.attemptEnded(Outcome.SUCCESS, false, now);
        assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isTrue();
    }
}
