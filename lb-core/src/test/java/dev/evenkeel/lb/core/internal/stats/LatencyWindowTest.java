package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

/** The answers of one window of an adaptive limit. */
class LatencyWindowTest {
    @Test
    void answersAndDrops_areCounted_andOtherEndsAreNot() {
        LatencyWindow window = new LatencyWindow();
        window.add(Outcome.SUCCESS, 30, 3);
        window.add(Outcome.SUCCESS, 10, 7);
        window.add(Outcome.SUCCESS, 20, 5);
        window.add(Outcome.TIMED_OUT, 1_000, 9);
        window.add(Outcome.THROTTLED, 1, 9);
        window.add(Outcome.CANCELLED, 1, 9);

        assertThat(window.answers()).isEqualTo(3);
        assertThat(window.drops()).isEqualTo(2);
        assertThat(window.mostInFlight()).isEqualTo(7);
        assertThat(window.medianNanos()).isEqualTo(20);
        window.clear();
        assertThat(window.answers() + window.drops() + window.mostInFlight()).isZero();
    }

    @Test
    void median_isThatOfTheLatestAnswers() {
        LatencyWindow window = new LatencyWindow();
        for (int i = 0; i < 200; i++) {
            window.add(Outcome.SUCCESS, i < 100 ? 1_000 : 5, 1);
        }
        assertThat(window.medianNanos()).isEqualTo(5);
    }
}
