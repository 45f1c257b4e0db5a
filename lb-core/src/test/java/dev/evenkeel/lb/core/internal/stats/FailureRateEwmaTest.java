package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;

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
}
