package dev.evenkeel.lb.core.internal.strategy.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeakEwmaTest {
    private static final long SECOND = 1_000_000_000L;

    private final PeakEwma latency = new PeakEwma();

    @Test
    void worseSample_countsAtOnce_aBetterOneSlowly() {
        latency.completed(Outcome.SUCCESS, 10_000, 10_000, SECOND);
        latency.completed(Outcome.SUCCESS, 50_000, 10_000, SECOND);
        assertThat(latency.nanos(0, SECOND)).isEqualTo(50_000);
        latency.completed(Outcome.SUCCESS, 10_000, 10_000, 2 * SECOND);
        assertThat(latency.nanos(0, 2 * SECOND)).isBetween(40_000.0, 49_000.0);
    }

    @Test
    void unknownOrOldLatency_isThePools() {
        assertThat(latency.nanos(7_000, SECOND)).isEqualTo(7_000);
        latency.completed(Outcome.SUCCESS, 50_000, 7_000, SECOND);
        assertThat(latency.nanos(7_000, 200 * SECOND)).isCloseTo(7_000, within(1.0));
    }

    @Test
    void fastError_isNoSample_aSlowOneIs() {
        latency.completed(Outcome.SUCCESS, 10_000, 10_000, SECOND);
        latency.completed(Outcome.FAILED, 5, 10_000, SECOND);
        assertThat(latency.nanos(0, SECOND)).isEqualTo(10_000);
        latency.completed(Outcome.TIMED_OUT, 90_000, 10_000, SECOND);
        assertThat(latency.nanos(0, SECOND)).isEqualTo(90_000);
    }

    @Test
    void lateFailure_isForgottenAfter25Seconds_andByAsManyChecksAsThereWereFailures() {
        latency.completed(Outcome.SUCCESS, 10_000, 10_000, SECOND);
        latency.completed(Outcome.TIMED_OUT, 90_000, 10_000, SECOND);
        latency.completed(Outcome.SUCCESS, 10_000, 10_000, 2 * SECOND);
        assertThat(latency.nanos(10_000, 20 * SECOND)).isBetween(20_000.0, 25_000.0);
        assertThat(latency.nanos(10_000, 27 * SECOND)).isEqualTo(10_000);

        latency.completed(Outcome.TIMED_OUT, 90_000, 10_000, 30 * SECOND);
        latency.completed(Outcome.FAILED, 95_000, 10_000, 30 * SECOND);
        latency.takeFailureBack(30 * SECOND);
        assertThat(latency.nanos(10_000, 30 * SECOND)).isEqualTo(95_000);
        latency.takeFailureBack(30 * SECOND);
        assertThat(latency.nanos(10_000, 30 * SECOND)).isEqualTo(10_000);

        latency.completed(Outcome.TIMED_OUT, 90_000, 10_000, 30 * SECOND);
        latency.forgetFailures();
        assertThat(latency.nanos(10_000, 30 * SECOND)).isEqualTo(10_000);
    }

    @Test
    void fastFailure_isTakenBackByACheck_andForgottenWithTheReturn() {
        PoolStats figures = new PoolStats();
        latency.completed(Outcome.SERVER_ERROR, 5, 10_000, SECOND);
        assertThat(latency.penalty(figures, SECOND)).isEqualTo(4);
        latency.takeFailureBack(SECOND);
        assertThat(latency.penalty(figures, SECOND)).isEqualTo(1);

        latency.completed(Outcome.SERVER_ERROR, 5, 10_000, SECOND);
        latency.forgetFailures();
        assertThat(latency.penalty(figures, SECOND)).isEqualTo(1);
    }

    @Test
    void slowAnswer_isForgottenAfter25Seconds_soThatAnIdleBackendIsTriedAgain() {
        latency.completed(Outcome.SUCCESS, 90_000, 10_000, SECOND);
        assertThat(latency.nanos(10_000, 26 * SECOND)).isBetween(16_000.0, 17_000.0);
        assertThat(latency.nanos(10_000, 26 * SECOND + 1)).isEqualTo(10_000);
        latency.takeFailureBack(SECOND);
        assertThat(latency.nanos(10_000, SECOND)).isEqualTo(90_000);
    }

    @Test
    void picks_lagBehindByOneRoundAtMost() {
        PeakEwma other = new PeakEwma();
        IntStream.range(0, 10).forEach(i -> other.picked());
        latency.keepUpWith(other, 1);
        assertThat(latency.picks()).isEqualTo(9);
    }
}
