package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

/** Envoy's budget: a share of the calls in flight. */
class InFlightBudgetTest {
    private static final long SECOND = 1_000_000_000L;
    /** A clock may begin anywhere, and pass through the largest number. */
    private static final long START = Long.MAX_VALUE - 3 * SECOND;

    private long now = START;

    @Test
    void retriesInFlight_areAShareOfTheCallsInFlight_andAtLeastTheMinimum() {
        RetryBudget.Account account = RetryBudgets.percentInFlight(20, 3).open(now);
        for (int i = 0; i < 50; i++) {
            account.callStarted(now);
        }
        int allowed = 0;
        while (account.tryRetry(Outcome.FAILED, now)) {
            allowed++;
        }
        // A fifth of 50, and of those that came on top.
        assertThat(allowed).isBetween(10, 12);
        for (int i = 0; i < allowed; i++) {
            account.attemptEnded(Outcome.SUCCESS, true, now);
        }
        for (int i = 0; i < 50; i++) {
            account.attemptEnded(Outcome.SUCCESS, false, now);
        }
        assertThat(account.left(now)).isEqualTo(3);
    }
}
