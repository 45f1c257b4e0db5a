package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.Set;
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
        second.heard(new SourceList(List.of(A.withWeight(9), B), Set.of()));
        assertThat(union.combine(both)).isNull();
        first.heard(new SourceList(List.of(A), Set.of()));
        assertThat(union.combine(both).backends()).containsExactly(A, B);
    }

    @Test
    void union_goesOnWithoutASourceThatNeverDelivered() {
        CombinationRule union = new CombinationRule.Union();
        first.timerEnded();
        assertThat(union.combine(both)).isNull();
        second.heard(new SourceList(List.of(B), Set.of()));
        assertThat(union.combine(both).backends()).containsExactly(B);
        second.failed();
        second.timerEnded();
        assertThat(union.combine(both).backends()).containsExactly(B);
    }

    @Test
    void union_backendIsReplaced_ifEachSourceThatHasIt_replacesIt() {
        CombinationRule union = new CombinationRule.Union();
        first.heard(new SourceList(List.of(A, B), Set.of(A.id(), B.id())));
        second.heard(new SourceList(List.of(B), Set.of()));
        assertThat(union.combine(both).replaced()).containsExactly(A.id());
        second.heard(new SourceList(List.of(B), Set.of(B.id())));
        assertThat(union.combine(both).replaced()).containsExactlyInAnyOrder(A.id(), B.id());
    }

    @Test
    void failover_takesTheSecondOnlyWhenTheFirstHasFailed() {
        CombinationRule failover = new CombinationRule.Failover();
        second.heard(new SourceList(List.of(B), Set.of()));
        assertThat(failover.combine(both)).isNull();
        first.heard(new SourceList(List.of(A), Set.of()));
        assertThat(failover.combine(both).backends()).containsExactly(A);
        first.failed();
        assertThat(failover.combine(both).backends()).containsExactly(A);
        first.timerEnded();
        assertThat(failover.combine(both).backends()).containsExactly(B);
        second.failed();
        second.timerEnded();
        assertThat(failover.combine(both)).isNull();
    }
}
