package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.CheckedHealth;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tier counts of each condition; and that a recount of what has changed is a count of all. */
class TierCountsTest {
    private static final PanicPolicy.Response ANSWERING = PanicPolicy.Response.USE_ANSWERING;
    private static final PanicPolicy.Response ALL = PanicPolicy.Response.USE_ALL;

    private final PoolStats stats = new PoolStats();
    private int number;

    private BackendState node(int priority, int weight, BackendCondition condition) {
        BackendState node = new BackendState(
                Backend.builder("http://b.test")
                        .id("b" + number++)
                        .priority(priority)
                        .weight(weight)
                        .build(),
                stats);
        node.condition(condition);
        return node;
    }

    private BackendState awaited(int weight) {
        BackendState node = node(0, weight, BackendCondition.DOWN);
        node.checkedHealth(CheckedHealth.AWAITED);
        return node;
    }

    private BackendState replaced(int weight, BackendCondition condition) {
        BackendState node = node(0, weight, condition);
        node.replaced(true);
        return node;
    }

    /** One of each condition, of a weight of its own. */
    private List<BackendState> oneOfEach() {
        List<BackendState> nodes = new ArrayList<>();
        int weight = 1;
        for (BackendCondition condition : BackendCondition.values()) {
            nodes.add(node(0, weight, condition));
            weight *= 2;
        }
        return nodes;
    }

    private static TierCounts only(List<BackendState> nodes, boolean byWeight) {
        List<TierCounts> tiers = TierCounts.count(nodes, byWeight);
        assertThat(tiers).hasSize(1);
        return tiers.get(0);
    }

    @Test
    void tier_countsWeightsByCondition() {
        TierCounts tier = only(oneOfEach(), true);

        // HEALTHY 1, DEGRADED 2, FAILING 4, UNREACHABLE 8, RESTING 16, DOWN 32, WITHDRAWN 64.
        assertThat(tier.members()).isEqualTo(7);
        assertThat(tier.good()).isEqualTo(3);
        assertThat(tier.resting()).isEqualTo(16);
        assertThat(tier.asTier(ANSWERING, false)).isEqualTo(new PriorityLoad.Tier(127, 1, 2, 47, 7));
        assertThat(tier.asTier(ANSWERING, true)).isEqualTo(new PriorityLoad.Tier(127, 17, 2, 63, 23));
        assertThat(tier.asTier(ALL, false)).isEqualTo(new PriorityLoad.Tier(127, 1, 2, 47, 47));
        assertThat(tier.asTierWithoutDoubt()).isEqualTo(new PriorityLoad.Tier(127, 15, 0, 47, 15));
    }

    @Test
    void tier_countsBackends_unlessAskedForWeights() {
        TierCounts tier = only(oneOfEach(), false);

        assertThat(tier.asTier(ANSWERING, false)).isEqualTo(new PriorityLoad.Tier(7, 1, 1, 5, 3));
        assertThat(tier.size(node(0, 9, BackendCondition.HEALTHY))).isEqualTo(1);
        assertThat(only(oneOfEach(), true).size(node(0, 9, BackendCondition.HEALTHY)))
                .isEqualTo(9);
    }

    @Test
    void backendThatAwaitsItsFirstCheck_countsOnlyInATierWithoutAnother() {
        assertThat(only(List.of(awaited(3), node(0, 5, BackendCondition.HEALTHY)), true)
                        .asTier(ALL, false))
                .isEqualTo(new PriorityLoad.Tier(5, 5, 0, 5, 5));
        assertThat(only(List.of(awaited(3), awaited(4)), true).asTier(ALL, false))
                .isEqualTo(new PriorityLoad.Tier(7, 0, 0, 7, 0));
    }

    @Test
    void replacedBackend_addsNothingToTheTotal_whileItIsOut() {
        List<BackendState> nodes = List.of(
                replaced(3, BackendCondition.FAILING),
                replaced(4, BackendCondition.HEALTHY),
                node(0, 5, BackendCondition.HEALTHY));

        assertThat(only(nodes, true).asTier(ANSWERING, false)).isEqualTo(new PriorityLoad.Tier(9, 9, 0, 9, 12));
    }

    @Test
    void tiers_areInTheOrderOfTheirPriority() {
        List<TierCounts> tiers = TierCounts.count(
                List.of(
                        node(7, 1, BackendCondition.HEALTHY),
                        node(0, 1, BackendCondition.HEALTHY),
                        node(3, 1, BackendCondition.LEAVING),
                        node(7, 1, BackendCondition.DOWN)),
                false);

        assertThat(tiers).extracting(tier -> tier.priority).containsExactly(0, 7);
        assertThat(tiers).extracting(TierCounts::members).containsExactly(1, 2);
    }

    @Test
    void shareOfTheGood_isThatOfTheAnsweringBackends() {
        TierCounts tier = only(
                Stream.of(
                                node(0, 1, BackendCondition.HEALTHY),
                                node(0, 1, BackendCondition.FAILING),
                                node(0, 1, BackendCondition.UNREACHABLE),
                                node(0, 1, BackendCondition.DOWN))
                        .toList(),
                false);

        assertThat(tier.isGoodBelow(50)).isFalse();
        assertThat(tier.isGoodBelow(51)).isTrue();
    }

    @Test
    void removable_isWhatTheShareOfTheServingPartDoesNotNeed() {
        List<BackendState> nodes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            nodes.add(node(0, 1, BackendCondition.HEALTHY));
        }
        nodes.add(node(0, 1, BackendCondition.DOWN));
        nodes.add(node(0, 1, BackendCondition.WITHDRAWN));
        TierCounts tier = only(nodes, false);

        // Of nine that serve, half is four and a half: five stay.
        assertThat(tier.removable(50)).isEqualTo(3);
        assertThat(tier.removable(0)).isEqualTo(8);
        assertThat(tier.removable(100)).isEqualTo(-1);
    }

    @Test
    void recount_isLeftToACount_ifATierComesOrGoes_orNothingIsGood() {
        BackendState first = node(0, 1, BackendCondition.HEALTHY);
        BackendState second = node(1, 1, BackendCondition.HEALTHY);
        List<TierCounts> tiers = TierCounts.count(List.of(first, second), false);

        assertThat(TierCounts.recount(tiers, List.of(node(2, 1, BackendCondition.HEALTHY))))
                .isNull();
        assertThat(TierCounts.recount(tiers, List.of(node(1, 1, BackendCondition.HEALTHY))))
                .isNotNull();
        second.condition(BackendCondition.LEAVING);
        assertThat(TierCounts.recount(tiers, List.of(second))).isNull();

        BackendState third = node(0, 1, BackendCondition.HEALTHY);
        List<TierCounts> one = TierCounts.count(List.of(third), false);
        third.condition(BackendCondition.DOWN);
        assertThat(TierCounts.recount(one, List.of(third))).isNull();
        List<TierCounts> none = TierCounts.count(List.of(third), false);
        third.condition(BackendCondition.HEALTHY);
        assertThat(TierCounts.recount(none, List.of(third))).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void recount_isACountOfAll(long seed) {
        Random random = new Random(seed);
        boolean byWeight = seed % 2 == 0;
        BackendCondition[] conditions = BackendCondition.values();
        List<BackendState> nodes = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            nodes.add(node(random.nextInt(3), 1 + random.nextInt(9), BackendCondition.HEALTHY));
        }
        List<TierCounts> tiers = TierCounts.count(nodes, byWeight);
        int recounts = 0;
        for (int step = 0; step < 2_000; step++) {
            List<BackendState> touched =
                    nodes.stream().filter(node -> random.nextInt(6) == 0).toList();
            for (BackendState node : touched) {
                node.condition(conditions[random.nextInt(conditions.length)]);
                node.replaced(random.nextInt(4) == 0);
                node.checkedHealth(random.nextInt(4) == 0 ? CheckedHealth.AWAITED : CheckedHealth.UNKNOWN);
            }
            List<String> before = texts(tiers);
            List<TierCounts> recounted = TierCounts.recount(tiers, touched);
            assertThat(texts(tiers)).as("the former counts are as they were").isEqualTo(before);
            List<TierCounts> counted = TierCounts.count(nodes, byWeight);
            if (recounted != null) {
                recounts++;
                assertThat(texts(recounted)).isEqualTo(texts(counted));
            }
            tiers = counted;
        }
        assertThat(recounts).isGreaterThan(1_000);
    }

    private static List<String> texts(List<TierCounts> tiers) {
        return tiers.stream()
                .map(tier -> Arrays.asList(
                                tier.priority,
                                tier.members(),
                                tier.good(),
                                tier.resting(),
                                tier.asTier(ANSWERING, false),
                                tier.asTier(ANSWERING, true),
                                tier.asTier(ALL, false),
                                tier.asTierWithoutDoubt(),
                                tier.isGoodBelow(50),
                                tier.removable(30))
                        .toString())
                .toList();
    }
}
