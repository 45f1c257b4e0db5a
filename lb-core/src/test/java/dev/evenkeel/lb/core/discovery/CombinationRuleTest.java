package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.util.List;
import org.junit.jupiter.api.Test;

class CombinationRuleTest {
    private static final Backend A = Backend.of("http://a:1");
    private static final Backend B = Backend.of("http://b:1");

    private final CombinedSource first = new CombinedSource();
    private final CombinedSource second = new CombinedSource();
    private final List<CombinedSource> both = List.of(first, second);

    @Test
    void union_waitsForAll_andTheEarlierSourceHasPrecedence() {
        CombinationRule union = new CombinationRule.Union();
        second.heard(List.of(A.withWeight(9), B));
        assertThat(union.combine(both)).isNull();
        first.heard(List.of(A));
        assertThat(union.combine(both)).containsExactly(A, B);
    }

    @Test
    void union_goesOnWithoutASourceThatNeverDelivered() {
        CombinationRule union = new CombinationRule.Union();
        first.timerEnded();
        assertThat(union.combine(both)).isNull();
        second.heard(List.of(B));
        assertThat(union.combine(both)).containsExactly(B);
        second.failed();
        second.timerEnded();
        assertThat(union.combine(both)).containsExactly(B);
    }

    @Test
    void failover_takesTheSecondOnlyWhenTheFirstHasFailed() {
        CombinationRule failover = new CombinationRule.Failover();
        second.heard(List.of(B));
        assertThat(failover.combine(both)).isNull();
        first.heard(List.of(A));
        assertThat(failover.combine(both)).containsExactly(A);
        first.failed();
        assertThat(failover.combine(both)).containsExactly(A);
        first.timerEnded();
        assertThat(failover.combine(both)).containsExactly(B);
        second.failed();
        second.timerEnded();
        assertThat(failover.combine(both)).isNull();
    }
}
