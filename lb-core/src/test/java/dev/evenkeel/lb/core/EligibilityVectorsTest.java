package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other balancers expect of tiers, panic and zones, shown on whole pools. */
class EligibilityVectorsTest {
    private static final Offset<Integer> ONE_POINT = Offset.offset(1);

    private final Replicas replicas = new Replicas();

    private static Vectors vector(String id) {
        return Vectors.byId("eligibility.json", id);
    }

    private LoadBalancer envoy(JsonNode given, int defaultThreshold) {
        return replicas.pool(builder -> builder.priorities(PriorityPolicy.overprovisioned(
                        given.path("overprovisioningFactor").asInt(140)))
                .panic(PanicPolicy.useAll(given.path("panicThresholdPercent").asInt(defaultThreshold))));
    }

    static Stream<Vectors> percentages() {
        return Vectors.of("eligibility.json", "priority/load", "panic");
    }

    @ParameterizedTest
    @MethodSource("percentages")
    void tiers_ofAHundredBackends_shareTheLoadAsEnvoysDo(Vectors vector) {
        List<Integer> healthy = Vectors.integers(vector.given().get("healthyPercentPerLevel"));
        for (int i = 0; i < healthy.size(); i++) {
            replicas.add(healthy.get(i), i, HealthState.UP).add(100 - healthy.get(i), i, HealthState.DOWN);
        }

        LoadBalancer pool = envoy(vector.given(), 0);

        JsonNode expected = vector.expect().get("loadPercentPerLevel");
        for (int i = 0; i < expected.size(); i++) {
            assertThat(pool.snapshot().tier(i).loadPercent())
                    .isCloseTo(expected.get(i).asInt(), ONE_POINT);
            assertThat(pool.snapshot().tier(i).panic())
                    .isEqualTo(vector.expect().path("panicPerLevel").path(i).asBoolean(false));
        }
    }

    static Stream<Vectors> counts() {
        return Vectors.of("eligibility.json", "priority/panic-test", "degraded+panic-off");
    }

    @ParameterizedTest
    @MethodSource("counts")
    void tiers_ofAFewBackends_shareTheLoadExactlyAsEnvoysDo(Vectors vector) {
        JsonNode levels = vector.given().get("levels");
        for (int i = 0; i < levels.size(); i++) {
            int healthy = levels.get(i).get("healthy").asInt();
            int degraded = levels.get(i).path("degraded").asInt(0);
            replicas.add(healthy, i, HealthState.UP)
                    .add(degraded, i, HealthState.DEGRADED)
                    .add(levels.get(i).get("hosts").asInt() - healthy - degraded, i, HealthState.DOWN);
        }

        LoadBalancer pool = envoy(vector.given(), 0);

        JsonNode expected = vector.expect().path("loadPercentPerLevel");
        for (int i = 0; i < expected.size(); i++) {
            assertThat(pool.snapshot().tier(i).loadPercent())
                    .isEqualTo(expected.get(i).asInt());
        }
        JsonNode panics = vector.expect().path("panicPerLevel");
        for (int i = 0; i < panics.size(); i++) {
            assertThat(pool.snapshot().tier(i).panic()).isEqualTo(panics.get(i).asBoolean());
        }
        JsonNode degraded = vector.expect().path("degradedLoad");
        for (int i = 0; i < degraded.size(); i++) {
            assertThat(pool.snapshot().tier(i).degradedLoadPercent())
                    .isEqualTo(degraded.get(i).asInt());
        }
    }

    @Test
    void totalPanic_sharesByTheNumberOfBackends() {
        Vectors vector = vector("env-panic-allzero-1");
        List<Integer> hosts = Vectors.integers(vector.given().get("hostsPerLevel"));
        for (int i = 0; i < hosts.size(); i++) {
            replicas.add(hosts.get(i), i, HealthState.DOWN);
        }

        LoadBalancer pool = envoy(vector.given(), 50);

        assertThat(pool.snapshot().tiers().stream().map(tier -> tier.loadPercent()))
                .isEqualTo(Vectors.integers(vector.expect().get("loadPercentPerLevel")));
        Map<Integer, Integer> calls = Replicas.count(pool, 1_000, backend -> backend.priority());
        assertThat(calls.get(0)).isBetween(430, 570);
    }

    static Stream<Vectors> degraded() {
        return Vectors.of("eligibility.json", "degraded");
    }

    @ParameterizedTest
    @MethodSource("degraded")
    void degradedBackends_getWhatTheHealthyCannotTake(Vectors vector) {
        replicas.add(vector.given().get("healthyPercent").asInt(), 0, HealthState.UP)
                .add(vector.given().get("degradedPercent").asInt(), 0, HealthState.DEGRADED)
                .add(vector.given().get("unhealthyPercent").asInt(), 0, HealthState.DOWN);

        LoadBalancer pool = envoy(vector.given(), 50);

        assertThat(pool.snapshot().tier(0).degradedLoadPercent())
                .isCloseTo(vector.expect().get("degradedTraffic").asInt(), ONE_POINT);
        assertThat(pool.snapshot().tier(0).loadPercent()).isEqualTo(100);
    }

    @Test
    void health_isMeasuredInWeights() {
        Vectors vector = vector("env-pt-weighted");
        replicas.add(2, 0, HealthState.UP, builder -> builder.weight(3))
                .add(2, 0, HealthState.DOWN, builder -> builder.weight(2))
                .add(1, 1, HealthState.UP);

        LoadBalancer pool = replicas.pool(builder -> builder.priorities(PriorityPolicy.overprovisioned(100)));

        assertThat(pool.snapshot().tiers().stream().map(tier -> tier.loadPercent()))
                .isEqualTo(Vectors.integers(vector.expect().get("loadPercentPerLevel")));
    }

    // Panic.

    @Test
    void panicOff_nobodyHealthy_isARefusal() {
        int threshold =
                vector("env-panic-zero").given().get("panicThresholdPercent").asInt();
        replicas.add(3, 0, HealthState.DOWN);

        LoadBalancer pool = replicas.pool(builder -> builder.panic(PanicPolicy.useAll(threshold)));

        assertThat(refusal(pool)).isEqualTo("pool \"users\" has no backend available: 3 backends (3 down)");
        assertThat(pool.snapshot().tier(0).panic()).isFalse();
    }

    @Test
    void panicThatFailsFast_isARefusalThatSaysSo() {
        JsonNode given = vector("env-rr-panic-off").given();
        int healthy = given.get("healthy").asInt();
        replicas.add(healthy, 0, HealthState.UP).add(given.get("hosts").asInt() - healthy, 0, HealthState.DOWN);

        LoadBalancer pool = replicas.pool(builder -> builder.panic(PanicPolicy.failFast(50)));

        assertThat(refusal(pool))
                .isEqualTo("pool \"users\" has no backend available: 6 backends (4 down, 2 failing fast in panic);"
                        + " tier 0 is in panic, 33 % of it healthy and 50 % wanted, and the pool's policy is to fail"
                        + " fast then");
    }

    @Test
    void panicThatUsesAll_usesAll_andNoLongerThanNecessary() {
        Vectors vector = vector("env-rr-panic-on");
        JsonNode given = vector.given();
        int healthy = given.get("healthy").asInt();
        replicas.add(healthy, 0, HealthState.UP).add(given.get("hosts").asInt() - healthy, 0, HealthState.DOWN);

        LoadBalancer pool = replicas.pool(builder -> builder.random(() -> 0L)
                .panic(PanicPolicy.useAll(given.get("panicThresholdPercent").asInt())));

        assertThat(Replicas.sequence(pool, 3))
                .isEqualTo(Vectors.integers(vector.expect().get("sequenceOfAllHosts")).stream()
                        .map(host -> "p0." + host)
                        .toList());
        replicas.become(HealthState.UP, "p0.2", "p0.3");
        assertThat(Replicas.count(pool, 40, backend -> backend.id())).containsOnlyKeys("p0.0", "p0.1", "p0.2", "p0.3");
    }

    @Test
    void allDown_isARefusal() {
        assertThat(vector("trf-wrr-down").expect().get("status").asInt()).isEqualTo(503);
        replicas.add(2, 0, HealthState.DOWN);

        assertThat(refusal(replicas.pool(builder -> builder))).contains("2 down");
    }

    // Backup.

    @Test
    void backup_takesWhatAFullTierCannot() {
        Vectors vector = vector("ngx-maxconns-backup-limited");
        int primary = vector.given().get("primary").get("maxConns").asInt();
        int backup = vector.given().get("backup").get("maxConns").asInt();
        replicas.add(1, 0, HealthState.UP, builder -> builder.maxInFlight(primary))
                .add(1, 1, HealthState.UP, builder -> builder.maxInFlight(backup));
        LoadBalancer pool = replicas.pool(builder -> builder.priorities(PriorityPolicy.strict()));

        for (JsonNode expected : vector.expect().get("sequence")) {
            PickResult result = pool.acquire(RequestContext.NONE);
            String served = result instanceof Lease lease ? (lease.backend().priority() == 0 ? "p" : "b") : null;
            assertThat(served).isEqualTo(expected.isNull() ? null : expected.asText());
        }
    }

    // Zones.

    static Stream<Vectors> zonePercentages() {
        return Stream.of(vector("env-loc-1"), vector("env-loc-2"));
    }

    @ParameterizedTest
    @MethodSource("zonePercentages")
    void weightedZones_shareTheLoadAsEnvoysDo(Vectors vector) {
        JsonNode healthy = vector.given().get("healthyPercent");
        healthy.properties().forEach(zone -> {
            int up = zone.getValue().asInt();
            replicas.inZone(zone.getKey(), up)
                    .add(100 - up, 0, HealthState.DOWN, builder -> builder.zone(zone.getKey()));
        });

        LoadBalancer pool = replicas.pool(builder ->
                builder.zones(ZonePolicy.weighted(numbers(vector.given().get("localityWeights")))));

        vector.expect()
                .get("trafficPercent")
                .properties()
                .forEach(zone -> assertThat(
                                pool.snapshot().tier(0).zonePercents().get(zone.getKey()))
                        .isCloseTo(zone.getValue().asDouble(), Offset.offset(1.0)));
    }

    static Stream<Vectors> zonePicks() {
        return Stream.of(vector("env-locwrr-3"), vector("env-locwrr-4"), vector("env-locwrr-5"));
    }

    @ParameterizedTest
    @MethodSource("zonePicks")
    void weightedZones_ofAHundredPicks_getExactlyWhatEnvoysDo(Vectors vector) {
        Map<String, Integer> weights = new HashMap<>();
        for (String zone : List.of("X", "Y")) {
            JsonNode given = vector.given().get(zone);
            int healthy = given.get("healthy").asInt();
            replicas.inZone(zone, healthy)
                    .add(given.get("hosts").asInt() - healthy, 0, HealthState.DOWN, builder -> builder.zone(zone));
            weights.put(zone, given.get("weight").asInt());
        }

        LoadBalancer pool = replicas.pool(builder -> builder.random(() -> 0L).zones(ZonePolicy.weighted(weights)));

        assertThat(Replicas.count(pool, vector.given().get("picks").asInt(), backend -> String.valueOf(backend.zone())))
                .isEqualTo(numbers(vector.expect().get("picks")));
    }

    @Test
    void weightedZones_takeTurnsAsEnvoysDo() {
        Vectors vector = vector("env-locwrr-seq");
        List<Integer> weights = Vectors.integers(vector.given().get("weights"));
        replicas.inZone("0", 2).inZone("1", 2);

        LoadBalancer pool = replicas.pool(builder ->
                builder.random(() -> 0L).zones(ZonePolicy.weighted(Map.of("0", weights.get(0), "1", weights.get(1)))));

        List<Integer> zones = new ArrayList<>();
        for (int i = 0; i < vector.given().get("picks").asInt(); i++) {
            zones.add(Integer.valueOf(String.valueOf(lease(pool).backend().zone())));
        }
        assertThat(zones).isEqualTo(Vectors.integers(vector.expect().get("sequence")));
    }

    @Test
    void multipliedZones_weighBackendsAsGrpcsRingDoes() {
        Vectors vector = vector("grpc-a42-loc");
        Map<String, Integer> zones = new HashMap<>();
        LoadBalancerBuilder builder =
                new PoolFixture().builder().strategy(Strategies.consistentHash().ring());
        for (JsonNode locality : vector.given().get("localities")) {
            String zone = "zone" + zones.size();
            zones.put(zone, locality.get("weight").asInt());
            numbers(locality.get("endpointWeights"))
                    .forEach((id, weight) -> builder.backend(dev.evenkeel.lb.Backend.builder("http://" + id + ":1")
                            .id(id)
                            .weight(weight)
                            .zone(zone)
                            .build()));
        }

        LoadBalancer pool = builder.zones(ZonePolicy.multiplied(zones)).build();

        numbers(vector.expect().get("ringWeights"))
                .forEach((id, weight) -> assertThat(pool.snapshot().backend(id).effectiveWeight())
                        .isEqualTo(weight.doubleValue()));
    }

    @Test
    void localZone_withoutBackends_sharesWhatTheOthersCanSpare() {
        Vectors vector = vector("env-zone-3");
        numbers(vector.given().get("upstream")).forEach(replicas::inZone);

        LoadBalancer pool = replicas.pool(builder -> builder.zones(ZonePolicy.preferLocal("A")
                .withMinBackends(1)
                .withCallers(numbers(vector.given().get("local")))));

        numbers(vector.expect().get("per10000"))
                .forEach((zone, expected) -> assertThat(
                                100 * pool.snapshot().tier(0).zonePercents().get(zone))
                        .isCloseTo(expected, Offset.offset(1.0)));
    }

    @Test
    void localZone_isJudgedByWeights() {
        Vectors vector = vector("env-zone-4");
        replicas.add(1, 0, HealthState.UP, builder -> builder.zone("A").weight(100))
                .add(1, 0, HealthState.UP, builder -> builder.zone("B").weight(100));
        String local = vector.given().get("callerZone").asText();

        LoadBalancer pool = replicas.pool(builder -> builder.zones(
                ZonePolicy.preferLocal(local).withMinBackends(1).withCallers(Map.of("A", 2 * 100, "B", 200))));

        assertThat(pool.snapshot().tier(0).zonePercents().get(local))
                .isEqualTo(vector.expect().get("localPercent").asDouble());
        assertThat(Replicas.count(pool, 20, backend -> String.valueOf(backend.zone())))
                .containsOnlyKeys(local);
    }

    @Test
    void smallTier_ignoresZones() {
        Vectors vector = vector("env-zone-5");
        replicas.inZone("A", 1).inZone("B", 1).inZone("C", 1);
        int minimum = vector.given().get("minClusterSize").asInt();
        ZonePolicy policy = ZonePolicy.preferLocal("A");

        LoadBalancer pool = replicas.pool(builder -> builder.random(() -> 0L).zones(policy.withMinBackends(minimum)));

        assertThat(Replicas.sequence(pool, 3))
                .isEqualTo(Vectors.integers(vector.expect().get("sequence")).stream()
                        .map(host -> "p0." + host)
                        .toList());
        assertThat(pool.snapshot().tier(0).zonePercents()).isEmpty();
        assertThat(Replicas.count(
                        replicas.pool(builder -> builder.zones(policy.withMinBackends(1))),
                        9,
                        backend -> String.valueOf(backend.zone())))
                .containsOnlyKeys("A");
    }

    private static Map<String, Integer> numbers(JsonNode object) {
        Map<String, Integer> numbers = new HashMap<>();
        object.properties()
                .forEach(entry -> numbers.put(entry.getKey(), entry.getValue().asInt()));
        return numbers;
    }
}
