package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The trial after an ejection: one call at a time, and a lost one blocks the backend for ten seconds at most. */
class EjectionStateTest {
    private static final long SECOND = 1_000_000_000L;

    private final EjectionState ejection = new EjectionState();
    private final AtomicLong now = new AtomicLong(100 * SECOND);

    private boolean claim() {
        return ejection.takeTrialCall(now.get());
    }

    @Test
    void trial_hasOneCallAtATime() {
        ejection.beginTrial(now::get);
        assertThat(ejection.isTrialFree()).isTrue();
        assertThat(claim()).isTrue();
        assertThat(ejection.isTrialFree()).isFalse();
        assertThat(claim()).isFalse();
        ejection.releaseTrialCall(now.get());
        assertThat(claim()).isTrue();
    }

    @Test
    void lostTrialCall_isReplacedAfterTenSeconds_andEndsNothingThen() {
        ejection.beginTrial(now::get);
        claim();
        long lost = now.get();
        now.addAndGet(10 * SECOND - 1);
        assertThat(claim()).isFalse();
        now.addAndGet(1);
        assertThat(claim()).isTrue();
        ejection.releaseTrialCall(lost);
        assertThat(ejection.isTrialFree()).as("the later call goes on").isFalse();
    }

    @Test
    void trialThatBegins_isFree_andKnowsSinceWhen() {
        ejection.beginTrial(now::get);
        claim();
        now.addAndGet(SECOND);
        ejection.beginTrial(now::get);
        assertThat(ejection.isTrialFree()).isTrue();
        assertThat(ejection.trialSinceNanos()).isEqualTo(101 * SECOND);
        ejection.endTrial();
        assertThat(ejection.isTrial()).isFalse();
    }

    @Test
    void ejection_endsWithoutForgettingHowOftenItWas() {
        ejection.eject(3, 5, 9, true);
        ejection.readmit();
        assertThat(ejection.isEjected()).isFalse();
        assertThat(ejection.count()).isEqualTo(3);
        assertThat(ejection.untilNanos()).isEqualTo(9);
        assertThat(ejection.isUnreachable()).isTrue();
        ejection.forgetCount();
        assertThat(ejection.count()).isZero();
    }
}
