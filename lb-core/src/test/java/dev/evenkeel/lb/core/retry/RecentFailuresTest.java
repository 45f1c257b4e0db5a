package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Failures among the attempts of the last seconds. */
class RecentFailuresTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void failures_areMany_byNumberAndShare() {
        RecentFailures recent = new RecentFailures(0);
        for (int i = 0; i < 10; i++) {
            recent.ended(i < 4, SECOND / 2);
        }

        assertThat(recent.areMany(SECOND / 2, 10, 0.3, 3)).isTrue();
        assertThat(recent.areMany(SECOND / 2, 11, 0.3, 3)).isFalse();
        assertThat(recent.areMany(SECOND / 2, 10, 0.4, 3)).isFalse();
        assertThat(recent.areMany(SECOND / 2, 10, 0.3, 4)).isFalse();
    }

    @Test
    void failures_areForgotten_afterFiveSeconds() {
        RecentFailures recent = new RecentFailures(0);
        for (int i = 0; i < 10; i++) {
            recent.ended(true, SECOND / 2);
        }

        assertThat(recent.areMany(3 * SECOND, 1, 0.3, 0)).isTrue();
        assertThat(recent.areMany(6 * SECOND, 1, 0.3, 0)).isFalse();
    }
}
