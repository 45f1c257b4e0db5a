package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.core.Vectors;
import dev.evenkeel.lb.core.internal.snapshot.PriorityLoad.Tier;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriorityLoadTest {
    /** Tables of documentation are rounded. */
    private static final Offset<Integer> ONE_POINT = Offset.offset(1);

    static Stream<Vectors> tables() {
        return Vectors.of("eligibility.json", "priority/load", "panic");
    }

    @ParameterizedTest
    @MethodSource("tables")
    void load_isAsEnvoyDocumentsIt(Vectors vector) {
        List<Integer> healthy = Vectors.integers(vector.given().get("healthyPercentPerLevel"));
        List<Integer> expected = Vectors.integers(vector.expect().get("loadPercentPerLevel"));
        int threshold = vector.given().path("panicThresholdPercent").asInt(0);

        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(
                        vector.given().get("overprovisioningFactor").asInt()),
                threshold,
                healthy.stream().map(percent -> Tier.of(100, percent, 0)).toList());

        for (int i = 0; i < expected.size(); i++) {
            assertThat(load.healthyPercent(i)).isCloseTo(expected.get(i), ONE_POINT);
            assertThat(load.degradedPercent(i)).isZero();
        }
        assertThat(sum(load, expected.size())).isEqualTo(100);
        if (vector.expect().has("panicPerLevel")) {
            assertPanic(load, vector.expect().get("panicPerLevel"));
            assertThat(load.availabilityPercent())
                    .isEqualTo(vector.expect().get("normalizedTotalHealth").asInt());
        }
    }

    static Stream<Vectors> cases() {
        return Vectors.of("eligibility.json", "priority/panic-test");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void load_isExactlyAsEnvoyTestsIt(Vectors vector) {
        List<Tier> tiers = new ArrayList<>();
        for (JsonNode level : vector.given().get("levels")) {
            tiers.add(Tier.of(level.get("hosts").asInt(), level.get("healthy").asInt(), 0));
        }

        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(
                        vector.given().get("overprovisioningFactor").asInt()),
                vector.given().get("panicThresholdPercent").asInt(),
                tiers);

        assertThat(IntStream.range(0, tiers.size()).map(load::healthyPercent).boxed())
                .isEqualTo(Vectors.integers(vector.expect().get("loadPercentPerLevel")));
        if (vector.expect().has("panicPerLevel")) {
            assertPanic(load, vector.expect().get("panicPerLevel"));
        }
    }

    static Stream<Vectors> total() {
        return Vectors.of("eligibility.json", "panic/total");
    }

    @ParameterizedTest
    @MethodSource("total")
    void nobodyHealthy_loadGoesByTheNumberOfBackends(Vectors vector) {
        List<Integer> hosts = Vectors.integers(vector.given().get("hostsPerLevel"));

        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(),
                50,
                hosts.stream().map(count -> Tier.of(count, 0, 0)).toList());

        assertThat(IntStream.range(0, hosts.size()).map(load::healthyPercent).boxed())
                .isEqualTo(Vectors.integers(vector.expect().get("loadPercentPerLevel")));
    }

    static Stream<Vectors> degraded() {
        return Vectors.of("eligibility.json", "degraded");
    }

    @ParameterizedTest
    @MethodSource("degraded")
    void degraded_getWhatTheHealthyCannotTake(Vectors vector) {
        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(),
                50,
                List.of(Tier.of(
                        100,
                        vector.given().get("healthyPercent").asInt(),
                        vector.given().get("degradedPercent").asInt())));

        assertThat(load.healthyPercent(0))
                .isCloseTo(vector.expect().get("healthyTraffic").asInt(), ONE_POINT);
        assertThat(load.degradedPercent(0))
                .isCloseTo(vector.expect().get("degradedTraffic").asInt(), ONE_POINT);
    }

    static Stream<Vectors> onlyDegraded() {
        return Vectors.of("eligibility.json", "degraded+panic-off");
    }

    @ParameterizedTest
    @MethodSource("onlyDegraded")
    void onlyDegraded_withoutPanic_shareTheLoad(Vectors vector) {
        List<Tier> tiers = new ArrayList<>();
        for (JsonNode level : vector.given().get("levels")) {
            tiers.add(Tier.of(
                    level.get("hosts").asInt(),
                    level.get("healthy").asInt(),
                    level.path("degraded").asInt(0)));
        }

        PriorityLoad load = PriorityLoad.of(PriorityPolicy.overprovisioned(), 0, tiers);

        assertThat(IntStream.range(0, tiers.size()).map(load::degradedPercent).boxed())
                .isEqualTo(Vectors.integers(vector.expect().get("degradedLoad")));
    }

    static Stream<Vectors> weighted() {
        return Vectors.of("eligibility.json", "priority/host-weights");
    }

    /** The factor of 100 is in the cited test. */
    @ParameterizedTest
    @MethodSource("weighted")
    void health_isMeasuredInWeights(Vectors vector) {
        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(100),
                50,
                List.of(
                        Tier.of(
                                vector.given().get("totalWeight").asInt(),
                                vector.given().get("healthyWeight").asInt(),
                                0),
                        Tier.of(1, 1, 0)));

        assertThat(List.of(load.healthyPercent(0), load.healthyPercent(1)))
                .isEqualTo(Vectors.integers(vector.expect().get("loadPercentPerLevel")));
    }

    // What no table has.

    @Test
    void healthyOfAllTiers_comeBeforeDegradedOfAny() {
        PriorityLoad load =
                PriorityLoad.of(PriorityPolicy.overprovisioned(), 50, List.of(Tier.of(10, 1, 9), Tier.of(10, 4, 6)));

        assertThat(load.healthyPercent(0)).isEqualTo(14);
        assertThat(load.healthyPercent(1)).isEqualTo(56);
        assertThat(load.degradedPercent(0)).isEqualTo(30);
        assertThat(load.degradedPercent(1)).isZero();
    }

    @Test
    void strict_firstTierWithAHealthyBackendTakesAll() {
        PriorityPolicy strict = PriorityPolicy.strict();

        assertThat(PriorityLoad.of(strict, 0, List.of(Tier.of(200, 1, 0), Tier.of(4, 4, 0)))
                        .healthyPercent(0))
                .isEqualTo(100);
        assertThat(PriorityLoad.of(strict, 0, List.of(Tier.of(4, 0, 4), Tier.of(4, 1, 0)))
                        .healthyPercent(1))
                .isEqualTo(100);
        assertThat(PriorityLoad.of(strict, 0, List.of(Tier.of(4, 0, 0), Tier.of(4, 0, 1)))
                        .degradedPercent(1))
                .isEqualTo(100);
    }

    @Test
    void strict_allInPanic_firstTierWithSomethingToUseTakesAll() {
        PriorityLoad load =
                PriorityLoad.of(PriorityPolicy.strict(), 50, List.of(new Tier(4, 0, 0, 4, 0), new Tier(4, 1, 0, 4, 2)));

        assertThat(load.healthyPercent(0)).isZero();
        assertThat(load.healthyPercent(1)).isEqualTo(100);
    }

    @Test
    void oneHealthyOfVeryMany_isNotRoundedAway() {
        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(), 0, List.of(Tier.of(1_000, 0, 0), Tier.of(1_000, 1, 0)));

        assertThat(load.healthyPercent(1)).isEqualTo(100);
    }

    @Test
    void tierThatAnOperatorHasTakenOut_isNotInTheWayOfPanic() {
        PriorityLoad load = PriorityLoad.of(
                PriorityPolicy.overprovisioned(), 50, List.of(new Tier(4, 0, 0, 0, 0), Tier.of(4, 1, 0)));

        assertThat(load.isPanic(1)).isTrue();
        assertThat(load.healthyPercent(1)).isEqualTo(100);
    }

    @Test
    void nobodyAtAll_loadIsZero() {
        PriorityLoad load = PriorityLoad.of(PriorityPolicy.overprovisioned(), 50, List.of(Tier.of(0, 0, 0)));

        assertThat(load.percent(0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void load_alwaysAddsUp(long seed) {
        java.util.Random random = new java.util.Random(seed);
        for (int round = 0; round < 20_000; round++) {
            List<Tier> tiers = new ArrayList<>();
            long good = 0;
            for (int i = random.nextInt(4); i >= 0; i--) {
                int total = random.nextInt(300);
                int healthy = random.nextInt(total + 1);
                int degraded = random.nextInt(total - healthy + 1);
                tiers.add(Tier.of(total, healthy, degraded));
                good += healthy + degraded;
            }
            PriorityPolicy policy = random.nextBoolean()
                    ? PriorityPolicy.strict()
                    : PriorityPolicy.overprovisioned(100 + random.nextInt(200));

            PriorityLoad load = PriorityLoad.of(policy, random.nextInt(101), tiers);

            int sum = sum(load, tiers.size());
            assertThat(sum).isIn(0, 100);
            assertThat(sum == 100 || good == 0).isTrue();
        }
    }

    @Test
    void badPolicies_areRefused() {
        assertThatThrownBy(() -> PriorityPolicy.overprovisioned(99))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("overprovisioning factor must be 100..1000 percent: 99");
        assertThatThrownBy(() -> PanicPolicy.useAll(101))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("panic threshold must be 0..100 percent: 101; 0 is no panic");
        assertThatThrownBy(() -> PanicPolicy.failFast(-1)).hasMessageContaining("0..100 percent: -1");
    }

    private static int sum(PriorityLoad load, int tiers) {
        return IntStream.range(0, tiers).map(load::percent).sum();
    }

    private static void assertPanic(PriorityLoad load, JsonNode expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(load.isPanic(i)).isEqualTo(expected.get(i).asBoolean());
        }
    }
}
