package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many further attempts the standard budget allows. */
class StandardBudgetTest {
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
    void inATotalOutage_costsFiftyAttempts(int callsPerSecond) {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        succeed(account, 1_000, 500);
        assertThat(outage(account, callsPerSecond, 60, Outcome.NEVER_SENT)).isBetween(24, 50);
    }

    @Test
    void afterAnOutage_isOpenAgainAfterSuccesses() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        outage(account, 500, 30, Outcome.SERVER_ERROR);
        assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isFalse();
        succeed(account, 520, 500);
        assertThat(account.tryRetry(Outcome.SERVER_ERROR, now)).isTrue();
    }

    @Test
    void whileOneCallInTwelveFails_retriesAll() {
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
    void inABrownOut_addsNothing_andHidesFewFailures(Outcome failure) {
        assertThat(brownOut(RetryBudgets.unlimited().open(now), 30, failure)).isBetween(1.37, 1.41);
        assertThat(brownOut(RetryBudgets.standard().open(now), 30, failure)).isLessThan(1.005);
        assertThat(brownOut(RetryBudgets.standard().open(now), 15, failure)).isLessThan(1.005);
        assertThat(brownOut(RetryBudgets.standard().open(now), 5, failure)).isBetween(1.04, 1.06);
    }

    @Test
    void aBurstOfFailures_takesWhatWasSaved() {
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
    void manyTimeouts_areTakenForOverload() {
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
    void fewTimeouts_areTriedElsewhereHoweverFewTheCalls() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        succeed(account, 20, 10);
        for (int i = 0; i < 10; i++) {
            account.attemptEnded(Outcome.TIMED_OUT, false, now);
            assertThat(account.tryRetry(Outcome.TIMED_OUT, now)).isTrue();
        }
    }

    @Test
    void neutralOutcomes_leaveItAlone() {
        RetryBudget.Account account = RetryBudgets.standard().open(now);
        for (int i = 0; i < 1_000; i++) {
            account.attemptEnded(i % 2 == 0 ? Outcome.CANCELLED : Outcome.DISCARDED, false, now);
        }
        assertThat(account.left(now)).isEqualTo(50);
        assertThat(account.tryRetry(Outcome.TIMED_OUT, now)).isTrue();
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
}
