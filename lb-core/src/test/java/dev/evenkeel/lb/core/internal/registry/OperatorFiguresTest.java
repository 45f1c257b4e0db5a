package dev.evenkeel.lb.core.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.PoolFigures.WeightFigures;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperatorFiguresTest {
    private final Backend described = Backend.builder("http://a:1").weight(100).build();
    private final BackendState node = new BackendState(described, new PoolStats());

    @Test
    void weightAsItWasSet_isChangedByNothing() {
        node.backend(described, WeightSource.REGISTRY);

        assertThat(OperatorFigures.weight(node)).isEqualTo(new WeightFigures(WeightSource.REGISTRY, Set.of()));
    }

    @Test
    void weightInForce_namesEachThatChangesIt() {
        node.backend(described, WeightSource.OPERATOR);
        node.ownLoadReport().weightPercent(50);
        node.ramp(50, 10, 1);
        assertThat(OperatorFigures.weight(node))
                .isEqualTo(new WeightFigures(WeightSource.OPERATOR, Set.of(WeightSource.AGENT)));

        node.ownRamp().begin(0);
        node.ownRamp().factor(0.5);
        node.ramp(25, 10, 1);
        assertThat(OperatorFigures.weight(node).changedBy())
                .containsExactlyInAnyOrder(WeightSource.AGENT, WeightSource.SLOW_START);

        node.ramp(12, 10, 1);
        assertThat(OperatorFigures.weight(node).changedBy())
                .containsExactlyInAnyOrder(WeightSource.AGENT, WeightSource.SLOW_START, WeightSource.ZONE);
    }
}
