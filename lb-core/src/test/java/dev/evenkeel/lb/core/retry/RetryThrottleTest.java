package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import org.junit.jupiter.api.Test;

/** The throttle of gRFC A6: failures take a token, successes a part of one back. */
class RetryThrottleTest {
    @Test
    void failures_closeIt_atHalfOfTheTokens() {
        RetryThrottle throttle = new RetryThrottle(4, 0.5);

        throttle.ended(Outcome.FAILED);
        assertThat(throttle.isOpen()).isTrue();
        assertThat(throttle.left()).isEqualTo(1);
        throttle.ended(Outcome.FAILED);
        assertThat(throttle.isOpen()).isFalse();
        assertThat(throttle.left()).isZero();
    }

    @Test
    void successes_openItAgain_andNeverBeyondTheMaximum() {
        RetryThrottle throttle = new RetryThrottle(4, 0.5);
        for (int i = 0; i < 10; i++) {
            throttle.ended(Outcome.FAILED);
        }
        for (int i = 0; i < 4; i++) {
            throttle.ended(Outcome.SUCCESS);
            assertThat(throttle.isOpen()).isFalse();
        }
        for (int i = 0; i < 100; i++) {
            throttle.ended(Outcome.SUCCESS);
        }
        assertThat(throttle.left()).isEqualTo(2);
    }

    @Test
    void neutralEnds_changeNothing() {
        RetryThrottle throttle = new RetryThrottle(4, 0.5);
        throttle.ended(Outcome.CANCELLED);

        assertThat(throttle.left()).isEqualTo(2);
    }
}
