package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final BreakerPolicy POLICY = BreakerPolicy.builder()
            .windowSize(10)
            .minCalls(4)
            .failureRatePercent(50)
            .halfOpenCalls(2)
            .build();

    private final VirtualTime time = new VirtualTime();

    private static void record(Breaker breaker, boolean... failures) {
        for (boolean failure : failures) {
            assertThat(breaker.tryAcquire()).isTrue();
            breaker.record(failure, 1);
        }
    }

    @Test
    void closed_opensAtTheRateOfFailures_afterTheMinimumOfCalls() {
        Breaker breaker = Breaker.closed("a", POLICY, time);
        record(breaker, true, false, true);
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        record(breaker, false);
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        assertThat(breaker.describe()).isEqualTo("50 % of 4 calls failed");
        assertThat(breaker.failureShare()).isEqualTo(0.5);
        assertThat(breaker.tryAcquire()).isFalse();
    }

    @Test
    void open_staysOpen_untilThePoolEndsIt() {
        Breaker breaker = Breaker.closed("a", POLICY, time);
        record(breaker, true, true, true, true);
        time.advance(Duration.ofDays(365));
        assertThat(breaker.tryAcquire()).isFalse();
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void trial_hasItsCalls_andClosesAfterTheirSuccess() {
        Breaker trial = Breaker.trial("a", POLICY, time);
        assertThat(trial.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(trial.tryAcquire()).isTrue();
        assertThat(trial.tryAcquire()).isTrue();
        assertThat(trial.tryAcquire()).isFalse();
        trial.release();
        assertThat(trial.tryAcquire()).isTrue();
        trial.record(false, 1);
        trial.record(false, 1);
        assertThat(trial.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(trial.successStreak()).isEqualTo(2);
    }

    @Test
    void trial_thatIsGivenUp_isOpen_andAClosedBreakerIsNotGivenUp() {
        Breaker trial = Breaker.trial("a", POLICY, time);
        trial.giveUp();
        assertThat(trial.state()).isEqualTo(BreakerState.OPEN);
        assertThat(trial.failureShare()).as("too few calls for a share").isEqualTo(1);
        Breaker closed = Breaker.closed("a", POLICY, time);
        closed.giveUp();
        assertThat(closed.state()).isEqualTo(BreakerState.CLOSED);
    }

    /** resilience4j opens for calls of a minute, whatever their outcome, unless told otherwise. */
    @Test
    void callsThatTakeMinutes_areNoFailures_neitherInAWindowNorInATrial() {
        long tenMinutes = Duration.ofMinutes(10).toNanos();
        Breaker breaker = Breaker.closed("a", POLICY, time);
        breaker.record(true, tenMinutes);
        for (int i = 0; i < 3; i++) {
            breaker.record(false, tenMinutes);
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);

        Breaker trial = Breaker.trial("a", POLICY, time);
        record(trial, false);
        assertThat(trial.tryAcquire()).isTrue();
        trial.record(false, tenMinutes);
        assertThat(trial.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void window_isOutdated_whenTheLastFailureIsLongerAgo() {
        Breaker breaker = Breaker.closed("a", POLICY, time);
        time.advance(Duration.ofSeconds(5));
        breaker.record(true, 1);
        time.advance(Duration.ofSeconds(60));
        assertThat(breaker.isOutdated(Duration.ofSeconds(60).toNanos())).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(breaker.isOutdated(Duration.ofSeconds(60).toNanos())).isTrue();
    }

    @Test
    void failure_endsTheStreakOfSuccesses() {
        Breaker breaker = Breaker.closed("a", POLICY, time);
        record(breaker, false, false);
        assertThat(breaker.successStreak()).isEqualTo(2);
        record(breaker, true);
        assertThat(breaker.successStreak()).isZero();
    }
}
