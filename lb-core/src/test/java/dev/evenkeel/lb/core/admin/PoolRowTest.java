package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One pool in one line. */
class PoolRowTest {
    private static final TierStatus ONLY = new TierStatus(0, 2, 100, 100, 0, false, Map.of());

    private static PoolFigures figures(int queued, long ageNanos) {
        return new PoolFigures() {
            @Override
            public double latencyNanos() {
                return 0;
            }

            @Override
            public double latencyP95Nanos() {
                return 0;
            }

            @Override
            public double calmness() {
                return 1;
            }

            @Override
            public int queued() {
                return queued;
            }

            @Override
            public long discoveryAgeNanos() {
                return ageNanos;
            }
        };
    }

    private static String summary(boolean closed, PoolFigures figures, TierStatus... tiers) {
        return new PoolRow(new PoolSnapshot("users", "random", 1, closed, List.of(tiers), List.of()), figures)
                .summary();
    }

    @Test
    void calmPool_isShort() {
        assertThat(summary(false, figures(0, -1), ONLY))
                .isEqualTo("random · 0 of 0 backends in use · 0 calls in flight");
    }

    @Test
    void queueAndAgeOfTheList_areAdded() {
        assertThat(summary(false, figures(3, 7_900_000_000L), ONLY)).endsWith(" · 3 wait for room · list of 7 s ago");
    }

    @Test
    void tiers_areToldIfThereAreSeveral_orOneIsInPanic() {
        TierStatus second = new TierStatus(1, 2, 50, 0, 0, false, Map.of());
        assertThat(summary(false, figures(0, -1), ONLY, second))
                .endsWith(" · tier 0 gets 100 %, 100 % healthy · tier 1 gets 0 %, 50 % healthy");
        TierStatus panic = new TierStatus(0, 2, 10, 100, 0, true, Map.of());
        assertThat(summary(false, figures(0, -1), panic)).endsWith(" · tier 0 gets 100 %, 10 % healthy, in panic");
    }

    @Test
    void closedPool_isClosed() {
        assertThat(summary(true, figures(5, 1), ONLY)).isEqualTo("random, closed");
    }
}
