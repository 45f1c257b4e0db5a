package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PoolStatsTest {
    private static final long MILLI = 1_000_000;

    private final PoolStats stats = new PoolStats();
    private long nowNanos;

    private void answer(double millis) {
        nowNanos += 10 * MILLI;
        stats.sample((long) (millis * MILLI), nowNanos);
    }

    private double p95Millis() {
        return stats.latencyP95Nanos() / MILLI;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 19, 20, 39, 40, 199, 200})
    void p95_ofTheFirstAnswers_isWhatItIs(int answers) {
        Random random = new Random(answers);
        double[] millis = random.doubles(answers, 1, 100).toArray();
        Arrays.stream(millis).forEach(this::answer);
        Arrays.sort(millis);
        assertThat(p95Millis()).isCloseTo(millis[answers - 1 - answers / 20], within(1e-5));
    }

    @Test
    void p95_afterOneSlowFirstAnswer_isThatOfTheOthersSoon() {
        answer(200);
        for (int i = 0; i < 19; i++) {
            answer(5);
        }
        assertThat(p95Millis()).isEqualTo(5);
    }

    @Test
    void p95_ofManyAnswers_isWhereOneInTwentyIsAbove() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            answer(100 * random.nextDouble());
        }
        assertThat(p95Millis()).isBetween(91.0, 99.0);
    }

    /** Up by 0.95 of 2 %, down by 0.05 of it. */
    @Test
    void p95_afterTheFirst200Answers_movesByAStepEach() {
        for (int i = 0; i < 200; i++) {
            answer(100);
        }
        answer(1_000);
        assertThat(p95Millis()).isCloseTo(101.9, within(1e-5));
        answer(101);
        assertThat(p95Millis()).isCloseTo(101.9 * 0.999, within(1e-5));
    }

    @Test
    void p95_thatHasRisen_comesDownAgain() {
        for (int i = 0; i < 400; i++) {
            answer(5);
        }
        for (int i = 0; i < 400; i++) {
            answer(50);
        }
        assertThat(p95Millis()).isBetween(45.0, 55.0);
        for (int i = 0; i < 4_000; i++) {
            answer(5);
        }
        assertThat(p95Millis()).isBetween(4.5, 5.5);
    }

    /** The share of the latest gap is a twentieth. */
    @Test
    void gap_isTheUsualTimeBetweenTwoSamples() {
        nowNanos = 100_000 * MILLI;
        answer(5);
        assertThat(stats.latencyGapNanos()).isZero();
        answer(5);
        assertThat(stats.latencyGapNanos()).isCloseTo(0.5 * MILLI, within(1.0));
        for (int i = 0; i < 200; i++) {
            answer(5);
        }
        assertThat(stats.latencyGapNanos()).isCloseTo(10.0 * MILLI, within(0.01 * MILLI));
    }

    @Test
    void usualLatency_isThatOfTwoMinutes_andCalmnessComparesTheLastSecondWithIt() {
        for (int i = 0; i < 2_000; i++) {
            answer(10);
        }
        assertThat(stats.usualLatencyNanos()).isCloseTo(10.0 * MILLI, within(0.1 * MILLI));
        assertThat(stats.calmness()).isEqualTo(1);
        for (int i = 0; i < 200; i++) {
            answer(100);
        }
        assertThat(stats.usualLatencyNanos()).isBetween(10.0 * MILLI, 11.0 * MILLI);
        assertThat(stats.calmness()).isCloseTo(stats.usualLatencyNanos() / (10 * MILLI * Math.exp(2)), within(0.02));
    }

    @Test
    void usualLatency_followsTheFirstAnswers_andSlowlyLaterOnes() {
        answer(100);
        for (int i = 0; i < 40; i++) {
            answer(10);
        }
        assertThat(stats.usualLatencyNanos()).isLessThan(20.0 * MILLI);
    }

    /** At 50,000 answers a second and more. */
    @Test
    void answersCloseTogether_countOnceInTwentyMicroseconds_fromTheTwoThousandthOn() {
        for (int i = 0; i < 2_000; i++) {
            stats.sample(10 * MILLI, nowNanos);
        }
        stats.sample(20 * MILLI, nowNanos + 19_999);
        assertThat(stats.latencyNanos()).isEqualTo(10 * MILLI);
        stats.sample(20 * MILLI, nowNanos + 20_000);
        assertThat(stats.latencyNanos()).isGreaterThan(10 * MILLI);
    }

    /** Three slow answers and a fast one each two milliseconds: a stall ends for many calls at once. */
    @Test
    void answersThatComeAtOnce_countEach_wherePoolsHaveFewerCalls() {
        for (int i = 0; i < 3_000; i++) {
            answer(10);
        }
        for (int i = 0; i < 1_000; i++) {
            answer(10);
            for (int k = 0; k < 3; k++) {
                stats.sample(100 * MILLI, nowNanos);
            }
        }
        assertThat(stats.latencyNanos()).isGreaterThan(15.0 * MILLI);
    }

    @Test
    void eachOfTheFirstTwoThousandAnswers_counts_howeverClose() {
        for (int i = 0; i < 1_999; i++) {
            stats.sample(10 * MILLI, nowNanos);
        }
        stats.sample(20 * MILLI, nowNanos);
        assertThat(stats.latencyNanos()).isGreaterThan(10 * MILLI);
    }
}
