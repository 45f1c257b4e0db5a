package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.Replicas;
import org.junit.jupiter.api.Test;

/** What of the calls each tier and its degraded backends get: half a tier that is well carries 70 % of all (Envoy's factor 1.4). */
class PriorityLevelsBuilderTest {
    private final Replicas replicas = new Replicas();

    @Test
    void degradedPartOfATier_countsToItsPart() {
        LoadBalancer pool = replicas.add(1, 0, HealthState.UP)
                .add(1, 0, HealthState.DEGRADED)
                .pool(builder -> builder);

        assertThat(pool.snapshot().tier(0).loadPercent()).isEqualTo(100);
        assertThat(pool.snapshot().tier(0).degradedLoadPercent()).isEqualTo(30);
        assertThat(Replicas.count(pool, 1_000, Backend::id).get("p0.1")).isBetween(240, 360);
    }

    @Test
    void degradedBackendsOfTwoTiers_haveAPartEach() {
        LoadBalancer pool = replicas.add(1, 0, HealthState.DEGRADED)
                .add(1, 0, HealthState.DOWN)
                .add(1, 1, HealthState.DEGRADED)
                .pool(builder -> builder);

        assertThat(pool.snapshot().tier(0).degradedLoadPercent()).isEqualTo(70);
        assertThat(pool.snapshot().tier(1).degradedLoadPercent()).isEqualTo(30);
        assertThat(Replicas.count(pool, 1_000, Backend::priority).get(1)).isBetween(240, 360);
    }
}
