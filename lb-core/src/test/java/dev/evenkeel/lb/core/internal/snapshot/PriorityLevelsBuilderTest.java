package dev.evenkeel.lb.core.internal.snapshot;

import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.Replicas;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What of the calls each tier and its degraded backends get: half a tier that is well carries 70 % of all (Envoy's factor 1.4). */
class PriorityLevelsBuilderTest {
    private static final RequestContext BLUE = RequestContext.NONE.withSubset(Subset.of("color", "blue"));

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

    private void restart(String id) {
        replicas.become(HealthState.DOWN, id);
        replicas.become(HealthState.UP, id);
    }

    @Test
    void slowStart_holdsWithinAZone() {
        LoadBalancer pool = replicas.inZone("a", 3)
                .inZone("b", 3)
                .pool(builder -> builder.localZone("a").slowStart(SlowStart.of(Duration.ofSeconds(30))));
        restart("p0.0");

        assertThat(status(pool, "p0.0").effectiveWeight()).isLessThan(0.5);
        replicas.fixture.time.advance(Duration.ofSeconds(30));
        assertThat(status(pool, "p0.0").effectiveWeight()).isEqualTo(1);
    }

    /** A backend of a lower tier takes calls of its subset alone. */
    @Test
    void slowStart_holdsWithinASubset() {
        LoadBalancer pool = replicas.add(2, 0, HealthState.UP)
                .add(2, 1, HealthState.UP, builder -> builder.metadata("color", "blue"))
                .pool(builder -> builder.strategy(Strategies.weightedRoundRobin())
                        .subsets(SubsetPolicy.noFallback().withSelector("color"))
                        .slowStart(SlowStart.of(Duration.ofSeconds(30))));
        PoolFixture.lease(pool, BLUE).complete(Outcome.SUCCESS);
        restart("p1.0");

        int newcomer = 0;
        for (int i = 0; i < 100; i++) {
            Lease lease = PoolFixture.lease(pool, BLUE);
            newcomer += lease.backend().id().equals("p1.0") ? 1 : 0;
            lease.complete(Outcome.SUCCESS);
        }
        assertThat(newcomer).isBetween(1, 30);
    }
}
