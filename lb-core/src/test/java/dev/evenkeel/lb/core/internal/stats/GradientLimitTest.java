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
    void otherBounds_keepTheValueWithinThem() {
        assertThat(limit.within(4, 100, 1.25)).isSameAs(limit);
        assertThat(limit.within(4, 10, 1.25).current()).isEqualTo(10);
        assertThat(limit.within(30, 100, 1.25).current()).isEqualTo(30);
        assertThat(limit.within(4, 100, 2).current()).isEqualTo(20);
    }
}
