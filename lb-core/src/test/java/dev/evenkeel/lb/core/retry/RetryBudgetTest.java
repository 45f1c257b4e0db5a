package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many further attempts budgets allow. */
class RetryBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    /** A clock may begin anywhere, and pass through the largest number. */
    private static final long START = Long.MAX_VALUE - 3 * SECOND;

    private long now = START;

    /** A total outage as a client with three attempts meets it: every attempt fails. The further attempts made. */
    private int outage(RetryBudget.Account account, int callsPerSecond, int seconds, Outcome failure) {
        int retries = 0;
        for (int i = 0; i < callsPerSecond * seconds; i++) {
            now += SECOND / callsPerSecond;
            account.callStarted(now);
            account.attemptEnded(failure, false, now);
            for (int more = 0; more < 2 && account.tryRetry(failure, now); more++) {
                retries++;
                account.attemptEnded(failure, true, now);
            }
        }
        return retries;
    }

    @Test
    void unlimited_neverEnds() {
        RetryBudget.Account account = RetryBudgets.unlimited().open(now);
        assertThat(outage(account, 100, 10, Outcome.FAILED)).isEqualTo(2_000);
        assertThat(account.left(now)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void whatIsGivenBack_canBeTakenAgain() {
        for (RetryBudget budget : List.of(
                RetryBudgets.standard(), RetryBudgets.percentOfCalls(20, 10), RetryBudgets.percentInFlight(20, 3))) {
            RetryBudget.Account account = budget.open(now);
            int left = account.left(now);
            for (int i = 0; i < 1_000; i++) {
                assertThat(account.tryRetry(Outcome.FAILED, now)).isTrue();
                account.giveBack();
            }
            assertThat(account.left(now)).isEqualTo(left);
        }
    }

    @Test
    void badNumbers_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.percentOfCalls(-1, 0))
                .withMessage("percent must be 0..1000: -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.percentOfCalls(Double.NaN, 0))
                .withMessage("percent must be 0..1000: NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.percentOfCalls(20, -1))
                .withMessage("minRetriesPerSecond must be 0..10000: -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.tokens(0, 0.1))
                .withMessage("maxTokens must be 1..1000: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.tokens(10, 0))
                .withMessage("tokenRatio must be 0.001..10: 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.percentInFlight(101, 0))
                .withMessage("percent must be 0..100: 101.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryBudgets.percentInFlight(20, -1))
                .withMessage("minRetries must not be negative: -1");
    }
}
