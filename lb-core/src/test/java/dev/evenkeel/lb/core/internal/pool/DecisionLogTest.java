package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** One decision in so many is logged. */
class DecisionLogTest {
    @Test
    void zero_isNone_andOneIsAll() {
        assertThat(DecisionLog.of(0)).isNull();
        DecisionLog all = DecisionLog.of(1);
        for (int i = 0; i < 100; i++) {
            assertThat(all.isDue()).isTrue();
        }
    }

    @Test
    void oneOfMany_isDueByChance() {
        DecisionLog log = DecisionLog.of(10);
        int due = 0;
        for (int i = 0; i < 10_000; i++) {
            due += log.isDue() ? 1 : 0;
        }
        assertThat(due).isBetween(700, 1_300);
    }

    @Test
    void negativeNumbers_areRefused() {
        assertThatThrownBy(() -> DecisionLog.of(-1))
                .hasMessage("oneOf must be at least 0: -1; 0 is for none, 1 for all");
    }
}
