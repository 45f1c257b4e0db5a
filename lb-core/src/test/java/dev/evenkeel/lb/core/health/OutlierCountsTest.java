package dev.evenkeel.lb.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

class OutlierCountsTest {
    private final OutlierCounts counts = new OutlierCounts();

    private void add(Outcome... outcomes) {
        for (Outcome outcome : outcomes) {
            counts.add(outcome);
        }
    }

    @Test
    void runs_areOfFailures_ofGatewayErrors_andOfFailedConnects() {
        add(Outcome.SERVER_ERROR, Outcome.TIMED_OUT, Outcome.NEVER_SENT, Outcome.NEVER_SENT);
        assertThat(counts.errorsInARow()).isEqualTo(4);
        assertThat(counts.gatewayErrorsInARow()).isEqualTo(3);
        assertThat(counts.failedConnectsInARow()).isEqualTo(2);
        add(Outcome.SERVER_ERROR);
        assertThat(counts.errorsInARow()).isEqualTo(5);
        assertThat(counts.gatewayErrorsInARow()).isZero();
        assertThat(counts.failedConnectsInARow()).isZero();
        add(Outcome.SUCCESS);
        assertThat(counts.errorsInARow()).isZero();
    }

    @Test
    void interval_hasCallsAndFailures_andEndsOnce() {
        add(Outcome.SUCCESS, Outcome.FAILED, Outcome.SUCCESS);
        long interval = counts.endInterval();
        assertThat(OutlierCounts.calls(interval)).isEqualTo(3);
        assertThat(OutlierCounts.failures(interval)).isEqualTo(1);
        assertThat(counts.endInterval()).isZero();
    }

    @Test
    void forget_endsRunsAndInterval() {
        add(Outcome.NEVER_SENT);
        counts.forget();
        assertThat(counts.errorsInARow() + counts.gatewayErrorsInARow() + counts.failedConnectsInARow())
                .isZero();
        assertThat(counts.endInterval()).isZero();
    }
}
