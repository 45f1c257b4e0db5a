package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The share of failures, which weighs recent calls more and fades in silence. */
class FailureRateEwmaTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void firstFailure_countsThreeTenths_andItFadesWithTime() {
        double share = FailureRateEwma.next(0, true, FailureRateEwma.NEVER, 0);

        assertThat(share).isEqualTo(0.3);
        assertThat(FailureRateEwma.left(share, 0, 5 * SECOND)).isBetween(0.17, 0.19);
        assertThat(FailureRateEwma.left(share, 0, 60 * SECOND)).isZero();
        assertThat(FailureRateEwma.lessOneFailure(share)).isZero();
    }

    @Test
    void share_followsTheFailures() {
        double share = 0;
        long last = FailureRateEwma.NEVER;
        for (int i = 0; i < 200; i++) {
            share = FailureRateEwma.next(share, true, last, i * SECOND);
            last = i * SECOND;
        }
        assertThat(share).isGreaterThan(0.99);
        for (int i = 200; i < 400; i++) {
            share = FailureRateEwma.next(share, false, last, i * SECOND);
            last = i * SECOND;
        }
        assertThat(share).isZero();
    }

    /** a = 1 − e^(−x) for the time since the last result in units of 10 s, within 0.05 … 0.3. */
    @Test
    void weightOfAResult_growsWithTheTimeSinceTheLast() {
        long last = 100 * SECOND;
        assertThat(FailureRateEwma.next(0, true, last, last)).isEqualTo(0.05);
        assertThat(FailureRateEwma.next(0, true, last, last + 2 * SECOND)).isCloseTo(0.1813, within(0.0005));
        assertThat(FailureRateEwma.next(0, true, last, last + 60 * SECOND)).isEqualTo(0.3);
    }

    @Test
    void failureAfterAPause_addsToWhatWasKnown_onlyIfSomethingIsLeftOfIt() {
        assertThat(FailureRateEwma.next(0.5, true, 0, 10 * SECOND)).isCloseTo(0.5 + 0.3 * 0.5, within(1e-9));
        assertThat(FailureRateEwma.next(0.5, true, 0, 60 * SECOND)).isEqualTo(0.3);
    }
}
