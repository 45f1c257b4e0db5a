package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A brown-out: each attempt fails with the same chance, wherever it goes. Requests sent per call. */
    private double brownOut(RetryBudget.Account account, int failedPercent, Outcome failure) {
        Random random = new Random(failedPercent);
        int calls = 30_000;
        int sent = 0;
        for (int i = 0; i < calls; i++) {
            now += SECOND / 500;
            account.callStarted(now);
            boolean failed;
            int attempt = 0;
            do {
                sent++;
                failed = random.nextInt(100) < failedPercent;
                account.attemptEnded(failed ? failure : Outcome.SUCCESS, attempt++ > 0, now);
            } while (failed && attempt < 3 && account.tryRetry(failure, now));
        }
        return sent / (double) calls;
    }

    private void succeed(RetryBudget.Account account, int calls, int callsPerSecond) {
        for (int i = 0; i < calls; i++) {
            now += SECOND / callsPerSecond;
            account.callStarted(now);
            account.attemptEnded(Outcome.SUCCESS, false, now);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 500})
    void standard_inATotalOutage_costsFiftyAttempts(int callsPerSecond) {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        succeed(account, 1_000, 500);
        assertThat(outage(account, callsPerSecond, 60, Outcome.NEVER_SENT)).isBetween(24, 50);
    }

    @Test
    void standard_afterAnOutage_isOpenAgainAfterSuccesses() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        outage(account, 500, 30, Outcome.SERVER_ERROR);
        assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isFalse();
        succeed(account, 520, 500);
        assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isTrue();
    }

    @Test
    void standard_whileOneCallInTwelveFails_retriesAll() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        int refused = 0;
        for (int i = 0; i < 12_000; i++) {
            succeed(account, 1, 500);
            if (i % 12 == 0) {
                account.attemptEnded(Outcome.FAILED, false, now);
                if (!account.tryRetry(Outcome.FAILED, now)) {
                    refused++;
                }
            }
        }
        assertThat(refused).isZero();
    }

    /** Without a budget 30 % failures are 39 % more requests. */
    @ParameterizedTest
    @EnumSource(names = {"SERVER_ERROR", "THROTTLED"})
    void standard_inABrownOut_addsNothing_andHidesFewFailures(Outcome failure) {
        assertThat(brownOut(RetryBudgets.unlimited().open(now), 30, failure)).isBetween(1.37, 1.41);
        assertThat(brownOut(RetryBudgets.standard().open(now), 30, failure)).isLessThan(1.005);
        assertThat(brownOut(RetryBudgets.standard().open(now), 15, failure)).isLessThan(1.005);
        assertThat(brownOut(RetryBudgets.standard().open(now), 5, failure)).isBetween(1.04, 1.06);
    }

    @Test
    void standard_aBurstOfFailures_takesWhatWasSaved() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        int allowed = 0;
        // The gate sees none of them end: it is the savings that run out.
        while (account.tryRetry(Outcome.FAILED, now)) {
            allowed++;
        }
        assertThat(allowed).isEqualTo(100);
        now += 2 * SECOND;
        assertThat(account.left(now)).isEqualTo(2);
        succeed(account, 10, 1_000_000);
        assertThat(account.left(now)).isEqualTo(3);
    }

    @Test
    void standard_manyTimeouts_areTakenForOverload() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        for (int i = 0; i < 30; i++) {
            succeed(account, 15, 500);
            account.attemptEnded(Outcome.TIMED_OUT, false, now);
        }
        // 30 of 480, within a second: more than 2 %.
        assertThat(account.tryRetry(Outcome.TIMED_OUT, now)).isFalse();
        assertThat(account.tryRetry(Outcome.FAILED, now)).isTrue();
        succeed(account, 3_000, 500);
        assertThat(account.tryRetry(Outcome.TIMED_OUT, now)).isTrue();
    }

    @Test
    void standard_fewTimeouts_areTriedElsewhereHoweverFewTheCalls() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        succeed(account, 20, 10);
        for (int i = 0; i < 10; i++) {
            account.attemptEnded(Outcome.TIMED_OUT, false, now);
            assertThat(account.tryRetry(Outcome.TIMED_OUT, now)).isTrue();
        }
    }

    @Test
    void standard_neutralOutcomes_leaveItAlone() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        for (int i = 0; i < 1_000; i++) {
            account.attemptEnded(i % 2 == 0 ? Outcome.CANCELLED : Outcome.DISCARDED, false, now);
        }
        assertThat(account.left(now)).isEqualTo(50);
        assertThat(account.tryRetry(Outcome.TIMED_OUT, now)).isTrue();
    }

    @Test
    void percentOfCalls_isFinagles() {
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

    @Test
    void tokens_areGrpcs() {
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

    @Test
    void percentInFlight_isEnvoys() {
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
    void savings_takenByManyThreads_areTakenOnce() throws InterruptedException {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        AtomicInteger allowed = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 10_000; i++) {
                    if (account.tryRetry(Outcome.FAILED, START)) {
                        allowed.incrementAndGet();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(allowed).hasValue(100);
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
