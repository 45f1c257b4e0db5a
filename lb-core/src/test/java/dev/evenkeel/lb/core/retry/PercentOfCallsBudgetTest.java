package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

/** Finagle's budget: a share of the calls and a reserve. */
class PercentOfCallsBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    /** A clock may begin anywhere, and pass through the largest number. */
    private static final long START = Long.MAX_VALUE - 3 * SECOND;

    private long now = START;

    @Test
    void reserveIsSpentFirst_thenAShareOfTheCalls() {
        RetryBudget.Account account = RetryBudgets.percentOfCalls(20, 10).open(now);
        assertThat(account.left(now)).isEqualTo(100);
        while (account.tryRetry(Outcome.FAILED, now)) {
            // The reserve.
        }
        for (int i = 0; i < 50; i++) {
            account.callStarted(now);
        }
        assertThat(account.left(now)).isEqualTo(10);
        now += SECOND;
        assertThat(account.left(now)).isEqualTo(20);
    }
}
