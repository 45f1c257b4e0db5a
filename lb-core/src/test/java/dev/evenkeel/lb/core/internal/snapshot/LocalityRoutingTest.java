package dev.evenkeel.lb.core.internal.snapshot;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.Replicas;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who gets what of a tier whose backends are in several zones. */
class LocalityRoutingTest {
    private final Replicas replicas = new Replicas();

    private static String zone(Backend backend) {
        return String.valueOf(backend.zone());
    }

    private Replicas threeZones() {
        return replicas.inZone("a", 3).inZone("b", 3).inZone("c", 3);
    }

    static Stream<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all().stream();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void localZone_takesAll_underEveryStrategy(LoadBalancingStrategy strategy) {
        LoadBalancer pool = threeZones().pool(builder -> builder.localZone("b").strategy(strategy));

        for (int i = 0; i < 300; i++) {
            assertThat(lease(pool, RequestContext.ofAffinityKey("key " + i))
                            .backend()
                            .zone())
                    .isEqualTo("b");
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void localZoneThatHasLostCapacity_keepsItsPart_underEveryStrategy(LoadBalancingStrategy strategy) {
        LoadBalancer pool = threeZones().pool(builder -> builder.localZone("a").strategy(strategy));
        replicas.become(HealthState.DOWN, "p0.0");

        Map<String, Integer> calls = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            calls.merge(
                    zone(lease(pool, RequestContext.ofAffinityKey("key " + i)).backend()), 1, Integer::sum);
        }

        // 2 of 8 backends for a third of the callers: 75 % stays.
        assertThat(pool.snapshot().tier(0).zonePercents().get("a")).isBetween(74.9, 75.1);
        assertThat(calls.get("a")).isBetween(7_200, 7_800);
        assertThat(calls.get("b")).isBetween(1_000, 1_500);
        assertThat(calls.get("c")).isBetween(1_000, 1_500);
    }

    @Test
    void localZoneThatIsDown_isLeft_andComesBack() {
        LoadBalancer pool = threeZones().pool(builder -> builder.localZone("a"));
        replicas.become(HealthState.DOWN, "p0.0", "p0.1", "p0.2");
        assertThat(Replicas.count(pool, 100, LocalityRoutingTest::zone)).containsOnlyKeys("b", "c");

        replicas.become(HealthState.UP, "p0.0", "p0.1", "p0.2");
        assertThat(Replicas.count(pool, 100, LocalityRoutingTest::zone)).containsOnlyKeys("a");
    }

    @Test
    void fullOrTriedZone_passesToTheOthers() {
        LoadBalancer pool = replicas.inZone("a", 0)
                .add(2, 0, HealthState.UP, builder -> builder.zone("a").maxInFlight(1))
                .inZone("b", 2)
                .add(1, 1, HealthState.UP)
                .pool(builder -> builder.zones(ZonePolicy.preferLocal("a").withMinBackends(2)));
        Backend first = lease(pool).backend();

        assertThat(lease(pool, RequestContext.NONE.withTried(List.of(first)))
                        .backend()
                        .zone())
                .isEqualTo("a");
        assertThat(lease(pool).backend().zone()).isEqualTo("b");
    }

    @Test
    void remoteZones_sayWhyTheyAreNotUsed() {
        LoadBalancer pool = threeZones().pool(builder -> builder.localZone("a"));

        assertThat(status(pool, "p0.8").ineligibilities()).containsExactly(Ineligibility.REMOTE_ZONE);
        assertThat(status(pool, "p0.8").explanation()).isEqualTo("not used: in a zone not in use");
        assertThat(status(pool, "p0.0").isEligible()).isTrue();
    }

    @Test
    void tierWithoutTheLocalZone_ignoresZones() {
        LoadBalancer pool = replicas.inZone("b", 2).inZone("c", 4).pool(builder -> builder.localZone("a"));

        assertThat(pool.snapshot().tier(0).zonePercents()).isEmpty();
        assertThat(Replicas.count(pool, 600, LocalityRoutingTest::zone)).isEqualTo(Map.of("b", 200, "c", 400));
    }

    @Test
    void callerThatItsOwnPolicyDoesNotCount_ignoresZones() {
        LoadBalancer pool = threeZones()
                .pool(builder -> builder.zones(ZonePolicy.preferLocal("a").withCallers(Map.of("b", 1, "c", 1))));

        assertThat(Replicas.count(pool, 90, LocalityRoutingTest::zone)).hasSize(3);
    }

    @Test
    void tierInOneZone_ignoresZones() {
        LoadBalancer pool = replicas.inZone("a", 3)
                .pool(builder -> builder.zones(ZonePolicy.preferLocal("a").withMinBackends(2)));

        assertThat(pool.snapshot().tier(0).zonePercents()).isEmpty();
        assertThat(Replicas.count(pool, 90, Backend::id)).hasSize(3);
    }

    /** A quarter of the callers for a quarter of the capacity: all stay. */
    @Test
    void callersOfAZoneWithoutBackends_countAmongAll() {
        LoadBalancer pool = replicas.inZone("a", 3)
                .inZone("b", 3)
                .pool(builder -> builder.zones(
                        ZonePolicy.preferLocal("a").withMinBackends(2).withCallers(Map.of("a", 2, "b", 1, "c", 5))));
        replicas.become(HealthState.DOWN, "p0.0", "p0.1");

        assertThat(Replicas.count(pool, 100, LocalityRoutingTest::zone)).containsOnlyKeys("a");
    }

    @Test
    void backendsWithoutAZone_areNobodysLocalOnes() {
        LoadBalancer pool = replicas.inZone("a", 2).add(6, 0, HealthState.UP).pool(builder -> builder.localZone("a"));

        // All callers are in zone a, which has a quarter of the capacity.
        assertThat(pool.snapshot().tier(0).zonePercents().get("a")).isEqualTo(25);
    }

    @Test
    void eachTier_hasItsOwnZones() {
        replicas.add(6, 0, HealthState.DOWN, builder -> builder.zone("a"))
                .add(3, 1, HealthState.UP, builder -> builder.zone("a"))
                .add(3, 1, HealthState.UP, builder -> builder.zone("b"));
        LoadBalancer pool = replicas.pool(builder -> builder.localZone("b"));

        assertThat(Replicas.count(pool, 60, Backend::id)).containsOnlyKeys("p1.3", "p1.4", "p1.5");
    }

    @Test
    void weightedZones_ofAnAwkwardRatio_comeCloseInTurns() {
        replicas.inZone("a", 5).inZone("b", 3).add(4, 0, HealthState.DOWN, builder -> builder.zone("b"));
        LoadBalancer pool = replicas.pool(builder -> builder.zones(ZonePolicy.weighted(Map.of("a", 997, "b", 1_009))));
        double expected = pool.snapshot().tier(0).zonePercents().get("a");

        assertThat(Replicas.count(pool, 10_000, LocalityRoutingTest::zone).get("a") / 100.0)
                .isBetween(expected - 0.1, expected + 0.1);
    }

    @Test
    void weightedZones_keepTheirTurns_whenAPoolChanges() {
        replicas.inZone("a", 1).inZone("b", 1);
        LoadBalancer pool =
                replicas.pool(builder -> builder.random(() -> 0L).zones(ZonePolicy.weighted(Map.of("a", 1, "b", 1))));
        StringBuilder zones = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            zones.append(zone(lease(pool).backend()));
            pool.registry().setWeight("p0.0", 2 + i);
        }

        assertThat(zones).hasToString("abababab");
    }

    @Test
    void zoneOfWeightZero_standsIn() {
        replicas.inZone("a", 1).inZone("b", 1);
        LoadBalancer pool = replicas.pool(builder -> builder.zones(ZonePolicy.weighted(Map.of("b", 0))));
        assertThat(Replicas.count(pool, 20, LocalityRoutingTest::zone)).containsOnlyKeys("a");

        replicas.become(HealthState.DOWN, "p0.0");
        assertThat(Replicas.count(pool, 20, LocalityRoutingTest::zone)).containsOnlyKeys("b");
    }

    @Test
    void keyedRequests_keepTheirBackend_whileZonesShareTheLoad() {
        replicas.inZone("a", 3).inZone("b", 3);
        LoadBalancer pool = replicas.pool(builder ->
                builder.strategy(Strategies.consistentHash()).zones(ZonePolicy.weighted(Map.of("a", 1, "b", 2))));
        Map<String, Integer> zones = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            RequestContext context = RequestContext.ofAffinityKey("user " + i);
            Backend backend = lease(pool, context).backend();
            assertThat(lease(pool, context).backend()).isEqualTo(backend);
            zones.merge(zone(backend), 1, Integer::sum);
        }

        assertThat(zones.get("a")).isBetween(900, 1_100);
    }

    @Test
    void keyThatCannotBeHad_isTheStrategysToReport() {
        replicas.inZone("a", 3).inZone("b", 3);
        LoadBalancer pool = replicas.pool(builder ->
                builder.strategy(Strategies.consistentHash()).zones(ZonePolicy.weighted(Map.of("a", 1, "b", 2))));

        assertThat(PoolFixture.refusal(pool, new RequestContext() {
                    @Override
                    public String affinityKey() {
                        throw new IllegalStateException("no key");
                    }
                }))
                .contains("threw java.lang.IllegalStateException: no key");
    }

    @Test
    void blankLocalZone_isRefused() {
        assertThatThrownBy(() -> LoadBalancers.builder("users").localZone(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("local zone must not be blank: \"\"");
    }
}
