package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

/** The limit follows the latency, window by window. */
class GradientLimitTest {
    private static final long FAST = 10_000_000L;

    private final GradientLimit limit = new GradientLimit(4, 20, 100, 1.25);

    private boolean window(long latencyNanos, int calls, int inFlight, Outcome outcome) {
        for (int i = 0; i < calls; i++) {
            limit.completed(outcome, latencyNanos, inFlight);
        }
        return limit.move(1);
    }

    @Test
    void windowWithFewAnswers_changesNothing() {
        assertThat(window(FAST, 9, 20, Outcome.SUCCESS)).isFalse();
        assertThat(limit.current()).isEqualTo(20);
    }

    @Test
    void demandAtALatencyAsWithoutLoad_raisesTheLimit() {
        assertThat(window(FAST, 20, 20, Outcome.SUCCESS)).isTrue();
        assertThat(limit.current()).isEqualTo(24);
    }

    @Test
    void withoutDemand_itDoesNotRise() {
        window(FAST, 20, 9, Outcome.SUCCESS);
        assertThat(limit.current()).isEqualTo(20);
    }

    @Test
    void laterAnswers_lowerTheLimit_byHalfAtMost() {
        window(FAST, 20, 9, Outcome.SUCCESS);
        window(100 * FAST, 20, 20, Outcome.SUCCESS);
        assertThat(limit.current()).as("20 / 2 + sqrt(20)").isEqualTo(14);
    }

    @Test
    void drops_lowerItByATenth_toItsMinimum() {
        window(FAST, 20, 20, Outcome.TIMED_OUT);
        assertThat(limit.current()).isEqualTo(18);
        for (int i = 0; i < 50; i++) {
            window(FAST, 20, 20, Outcome.TIMED_OUT);
        }
        assertThat(limit.current()).isEqualTo(4);
    }

    @Test
    void oneDropInTwenty_lowersTheLimit_andOneInTwentyOneDoesNot() {
        limit.completed(Outcome.TIMED_OUT, FAST, 20);
        window(FAST, 20, 20, Outcome.SUCCESS);
        assertThat(limit.current()).as("20 + sqrt(20)").isEqualTo(24);

        limit.completed(Outcome.TIMED_OUT, FAST, 20);
        window(FAST, 19, 20, Outcome.SUCCESS);
        assertThat(limit.current()).as("24.47 * 0.9").isEqualTo(22);
    }

    @Test
    void otherBounds_keepTheValueWithinThem() {
        assertThat(limit.within(4, 100, 1.25)).isSameAs(limit);
        assertThat(limit.within(4, 10, 1.25).current()).isEqualTo(10);
        assertThat(limit.within(30, 100, 1.25).current()).isEqualTo(30);
        assertThat(limit.within(4, 100, 2).current()).isEqualTo(20);
    }

    @Test
    void windowWithTenAnswersAndDrops_isEvaluated_andTheNextOneBeginsEmpty() {
        window(FAST, 9, 20, Outcome.SUCCESS);
        assertThat(window(FAST, 1, 20, Outcome.TIMED_OUT)).isTrue();
        assertThat(limit.current()).as("1 of 10 dropped").isEqualTo(18);
        assertThat(window(FAST, 9, 20, Outcome.SUCCESS)).isFalse();
        assertThat(window(FAST, 1, 20, Outcome.SUCCESS)).isTrue();
        assertThat(limit.current()).as("18 + sqrt(18)").isEqualTo(22);
    }

    @Test
    void demand_isHalfOfTheLimitInFlight() {
        assertThat(window(FAST, 20, 9, Outcome.SUCCESS)).isFalse();
        assertThat(limit.current()).isEqualTo(20);
        assertThat(window(FAST, 20, 10, Outcome.SUCCESS)).isTrue();
        assertThat(limit.current()).isEqualTo(24);
    }

    /** Without demand the limit stays: only the measurements, at half of it, are to be seen. */
    private int windowsUntilAProbe(long latencyNanos, double spread) {
        for (int windows = 1; windows < 100; windows++) {
            idleWindow(latencyNanos, spread);
            if (limit.current() == 10) {
                return windows;
            }
        }
        throw new AssertionError("no measurement");
    }

    private void idleWindow(long latencyNanos, double spread) {
        for (int i = 0; i < 20; i++) {
            limit.completed(Outcome.SUCCESS, latencyNanos, 1);
        }
        boolean unused = limit.move(spread);
    }

    @Test
    void latencyWithoutLoad_isMeasuredAtHalfTheLimit_forTwoWindows_afterFiveAndThenAfterForty() {
        assertThat(windowsUntilAProbe(FAST, 0.75)).isEqualTo(5);
        idleWindow(FAST, 0.75);
        assertThat(limit.current()).isEqualTo(10);
        idleWindow(FAST, 0.75);
        assertThat(limit.current()).isEqualTo(20);
        assertThat(windowsUntilAProbe(FAST, 1)).as("40 x 0.75").isEqualTo(30);
    }

    @Test
    void measurementThatDiffersByHalfTheTolerance_isRepeatedAfterFiveWindows() {
        windowsUntilAProbe(FAST, 1);
        idleWindow(FAST, 1);
        idleWindow(FAST * 112 / 100, 1);
        assertThat(windowsUntilAProbe(FAST * 112 / 100, 1))
                .as("12 % is no news")
                .isEqualTo(40);
        idleWindow(FAST, 1);
        idleWindow(FAST * 130 / 100, 1);
        assertThat(windowsUntilAProbe(FAST * 130 / 100, 1)).as("16 % is").isEqualTo(5);
    }

    @Test
    void measurement_doesNotGoBelowTheMinimum() {
        GradientLimit narrow = new GradientLimit(15, 20, 100, 1.25);
        for (int window = 0; window < 5; window++) {
            for (int i = 0; i < 20; i++) {
                narrow.completed(Outcome.SUCCESS, FAST, 1);
            }
            boolean unused = narrow.move(1);
        }
        assertThat(narrow.current()).isEqualTo(15);
    }
}
