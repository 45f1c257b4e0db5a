package dev.evenkeel.lb.core.internal.strategy.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.support.NormalAnswers;
import dev.evenkeel.lb.core.strategy.FakeContext;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeakEwmaTest {
    private static final long SECOND = 1_000_000_000L;

    private final PeakEwma latency = new PeakEwma();
    private final NormalAnswers answers = new NormalAnswers();
    private final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();

    @BeforeEach
    void poolAnswersIn10Micros() {
        figures.latencyNanos = 10_000;
    }

    private void ends(Outcome outcome, long latencyNanos, long nowNanos) {
        latency.completed(outcome, latencyNanos, figures, answers, nowNanos);
    }

    @Test
    void worseSample_countsAtOnce_aBetterOneSlowly() {
        ends(Outcome.SUCCESS, 10_000, SECOND);
        ends(Outcome.SUCCESS, 50_000, SECOND);
        assertThat(latency.nanos(0, SECOND)).isEqualTo(50_000);
        ends(Outcome.SUCCESS, 10_000, 2 * SECOND);
        assertThat(latency.nanos(0, 2 * SECOND)).isBetween(40_000.0, 49_000.0);
    }

    @Test
    void unknownOrOldLatency_isThePools() {
        assertThat(latency.nanos(7_000, SECOND)).isEqualTo(7_000);
        ends(Outcome.SUCCESS, 50_000, SECOND);
        assertThat(latency.nanos(7_000, 200 * SECOND)).isCloseTo(7_000, within(1.0));
    }

    @Test
    void fastError_isNoSample_aSlowOneIs() {
        ends(Outcome.SUCCESS, 10_000, SECOND);
        ends(Outcome.FAILED, 5, SECOND);
        assertThat(latency.nanos(0, SECOND)).isEqualTo(10_000);
        ends(Outcome.TIMED_OUT, 90_000, SECOND);
        assertThat(latency.nanos(0, SECOND)).isEqualTo(90_000);
    }

    @Test
    void lateFailure_isForgottenAfter25Seconds_andByAsManyChecksAsThereWereFailures() {
        ends(Outcome.SUCCESS, 10_000, SECOND);
        ends(Outcome.TIMED_OUT, 90_000, SECOND);
        ends(Outcome.SUCCESS, 10_000, 2 * SECOND);
        assertThat(latency.nanos(10_000, 20 * SECOND)).isBetween(20_000.0, 25_000.0);
        assertThat(latency.nanos(10_000, 27 * SECOND)).isEqualTo(10_000);

        ends(Outcome.TIMED_OUT, 90_000, 30 * SECOND);
        ends(Outcome.FAILED, 95_000, 30 * SECOND);
        latency.takeFailureBack(30 * SECOND);
        assertThat(latency.nanos(10_000, 30 * SECOND)).isEqualTo(95_000);
        latency.takeFailureBack(30 * SECOND);
        assertThat(latency.nanos(10_000, 30 * SECOND)).isEqualTo(10_000);

        ends(Outcome.TIMED_OUT, 90_000, 30 * SECOND);
        latency.forgetFailures();
        assertThat(latency.nanos(10_000, 30 * SECOND)).isEqualTo(10_000);
    }

    @Test
    void fastFailure_isTakenBackByACheck_andForgottenWithTheReturn() {
        ends(Outcome.SERVER_ERROR, 5, SECOND);
        assertThat(latency.penalty(figures, SECOND)).isEqualTo(4);
        latency.takeFailureBack(SECOND);
        assertThat(latency.penalty(figures, SECOND)).isEqualTo(1);

        ends(Outcome.SERVER_ERROR, 5, SECOND);
        latency.forgetFailures();
        assertThat(latency.penalty(figures, SECOND)).isEqualTo(1);
    }

    @Test
    void slowAnswer_isForgottenAfter25Seconds_soThatAnIdleBackendIsTriedAgain() {
        ends(Outcome.SUCCESS, 90_000, SECOND);
        assertThat(latency.nanos(10_000, 26 * SECOND)).isBetween(16_000.0, 17_000.0);
        assertThat(latency.nanos(10_000, 26 * SECOND + 1)).isEqualTo(10_000);
        latency.takeFailureBack(SECOND);
        assertThat(latency.nanos(10_000, SECOND)).isEqualTo(90_000);
    }

    /** As after a pause of the client: nothing of the pool ended while the call was overdue. */
    @Test
    void lateAnswer_withoutAWitness_countsByTheTimeSinceTheLast() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 10_000, SECOND);
        ends(Outcome.SUCCESS, 100_000, SECOND + SECOND / 100);
        assertThat(latency.nanos(10_000, SECOND)).isCloseTo(10_090, within(10.0));

        ends(Outcome.SUCCESS, 100_000, 11 * SECOND);
        assertThat(latency.nanos(10_000, 11 * SECOND)).as("after 10 s").isCloseTo(66_900, within(200.0));
    }

    @Test
    void lateAnswer_withAWitness_countsAtOnce() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 10_000, SECOND);
        new PeakEwma().completed(Outcome.SUCCESS, 10_000, figures, answers, 2 * SECOND - 79_999);
        ends(Outcome.SUCCESS, 100_000, 2 * SECOND);
        assertThat(latency.nanos(10_000, 2 * SECOND)).isEqualTo(100_000);
    }

    @Test
    void lateAnswerOfAnother_isNoWitness() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 10_000, SECOND);
        new PeakEwma().completed(Outcome.SUCCESS, 80_001, figures, answers, 2 * SECOND - 79_999);
        ends(Outcome.SUCCESS, 100_000, 2 * SECOND);
        assertThat(latency.nanos(10_000, 2 * SECOND)).isLessThan(20_000);
    }

    @Test
    void answerOfAnother_upToFourTimesThePools95thPercentile_isAWitness() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 10_000, SECOND);
        new PeakEwma().completed(Outcome.SUCCESS, 80_000, figures, answers, 2 * SECOND - 79_999);
        ends(Outcome.SUCCESS, 100_000, 2 * SECOND);
        assertThat(latency.nanos(10_000, 2 * SECOND)).isEqualTo(100_000);
    }

    @Test
    void answerOfAnother_isAWitness_alsoIfThePools95thPercentileIsNotKnownYet() {
        ends(Outcome.SUCCESS, 10_000, SECOND);
        new PeakEwma().completed(Outcome.SUCCESS, 80_001, figures, answers, 2 * SECOND - 79_999);
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 100_000, 2 * SECOND);
        assertThat(latency.nanos(10_000, 2 * SECOND)).isEqualTo(100_000);
    }

    @Test
    void lateFailure_ofABackendWithoutAnswers_isNoSample() {
        ends(Outcome.TIMED_OUT, 90_000, SECOND);
        assertThat(latency.nanos(10_000, SECOND)).isEqualTo(10_000);
    }

    @Test
    void answerWithinThePools95thPercentile_needsNoWitness() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 10_000, SECOND);
        ends(Outcome.SUCCESS, 20_000, SECOND);
        assertThat(latency.nanos(10_000, SECOND)).isEqualTo(20_000);
        ends(Outcome.SUCCESS, 20_001, SECOND);
        assertThat(latency.nanos(10_000, SECOND)).isEqualTo(20_000);
    }

    @Test
    void firstAnswer_lateAndWithoutAWitness_isAtMostTwiceThePoolsMedian() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 100_000, SECOND);
        assertThat(latency.nanos(10_000, SECOND)).isEqualTo(20_000);
    }

    @Test
    void timeout_withoutAWitness_countsByTheTimeSinceTheLastAnswer() {
        figures.latencyP95Nanos = 20_000;
        ends(Outcome.SUCCESS, 10_000, SECOND);
        ends(Outcome.TIMED_OUT, 100_000, SECOND + SECOND / 100);
        assertThat(latency.nanos(10_000, SECOND + SECOND / 100)).isCloseTo(10_090, within(10.0));
        ends(Outcome.TIMED_OUT, 100_000, 11 * SECOND);
        assertThat(latency.nanos(10_000, 11 * SECOND)).isCloseTo(66_900, within(200.0));
    }

    @Test
    void picks_lagBehindByOneRoundAtMost() {
        PeakEwma other = new PeakEwma();
        IntStream.range(0, 10).forEach(i -> other.picked());
        latency.keepUpWith(other, 1);
        assertThat(latency.picks()).isEqualTo(9);
    }
}
