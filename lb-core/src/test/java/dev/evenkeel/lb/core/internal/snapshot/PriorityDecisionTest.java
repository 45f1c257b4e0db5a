package dev.evenkeel.lb.core.internal.snapshot;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.LoadBalancerEvent.TierChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.Replicas;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which tier a call goes to, who is used in need, and what is told of it. */
class PriorityDecisionTest {
    private final Replicas replicas = new Replicas();

    private static Integer priority(Backend backend) {
        return backend.priority();
    }

    // Spill-over and backup.

    @Test
    void overprovisionedTier_carriesAll_untilMoreThanItsSurplusIsMissing() {
        replicas.add(4, 0, HealthState.UP).add(4, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);

        replicas.become(HealthState.DOWN, "p0.0");
        assertThat(Replicas.count(pool, 100, PriorityDecisionTest::priority)).containsOnlyKeys(0);

        replicas.become(HealthState.DOWN, "p0.1");
        Map<Integer, Integer> calls = Replicas.count(pool, 10_000, PriorityDecisionTest::priority);
        assertThat(calls.get(1)).isBetween(2_800, 3_200);
        assertThat(pool.snapshot().tier(1).loadPercent()).isEqualTo(30);
        assertThat(replicas.fixture.events(TierChanged.class))
                .extracting(TierChanged::tier, TierChanged::beforePercent, TierChanged::afterPercent)
                .containsExactly(tuple(0, 100, 70), tuple(1, 0, 30));
        assertThat(replicas.fixture.events(TierChanged.class).get(0).healthyPercent())
                .isEqualTo(50);
    }

    @Test
    void strictBackup_isUsedOnlyWhenNobodyBeforeItIsLeft() {
        replicas.add(4, 0, HealthState.UP).add(1, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder.priorities(PriorityPolicy.strict()));

        replicas.become(HealthState.DOWN, "p0.0", "p0.1", "p0.2");
        assertThat(Replicas.count(pool, 200, Backend::id)).containsOnlyKeys("p0.3");

        replicas.become(HealthState.DOWN, "p0.3");
        assertThat(Replicas.count(pool, 20, Backend::id)).containsOnlyKeys("p1.0");

        replicas.become(HealthState.UP, "p0.2");
        assertThat(Replicas.count(pool, 20, Backend::id)).containsOnlyKeys("p0.2");
    }

    @Test
    void capacityThatAnOperatorTakesOut_isMissing_butIsNoReasonToPanic() {
        replicas.add(4, 0, HealthState.UP).add(4, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder.panic(PanicPolicy.useAll(80)));

        pool.registry().maintenance("p0.0");
        pool.registry().drain("p0.1");
        pool.registry().maintenance("p0.2");

        assertThat(pool.snapshot().tier(0).loadPercent()).isEqualTo(35);
        assertThat(pool.snapshot().tier(0).healthyPercent()).isEqualTo(100);
        assertThat(replicas.fixture.events(PanicChanged.class)).isEmpty();
    }

    @Test
    void backendsThatLeave_doNotCountAsMissing() {
        replicas.add(4, 0, HealthState.UP).add(4, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);
        Lease stream = lease(pool);
        List.of("p0.0", "p0.1", "p0.2").forEach(pool.registry()::remove);

        assertThat(pool.snapshot().tier(0).loadPercent()).isEqualTo(100);
        stream.complete(Outcome.SUCCESS);
    }

    @Test
    void fullTier_passesToTheNext_whateverTheShares() {
        replicas.add(2, 0, HealthState.UP, builder -> builder.maxInFlight(1)).add(1, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);

        assertThat(List.of(lease(pool), lease(pool), lease(pool), lease(pool)))
                .extracting(lease -> lease.backend().priority())
                .containsExactly(0, 0, 1, 1);
    }

    @Test
    void retry_leavesTheTierOnlyWhenAllOfItWasTried() {
        replicas.add(2, 0, HealthState.UP).add(1, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);
        Backend first = lease(pool).backend();

        Backend second =
                lease(pool, RequestContext.NONE.withTried(List.of(first))).backend();
        Backend third = lease(pool, RequestContext.NONE.withTried(List.of(first, second)))
                .backend();

        assertThat(second.priority()).isZero();
        assertThat(second).isNotEqualTo(first);
        assertThat(third.priority()).isEqualTo(1);
    }

    @Test
    void callDrawnForALowerTier_fallsBackToTheFirst() {
        replicas.add(1, 0, HealthState.UP)
                .add(1, 0, HealthState.DOWN)
                .add(1, 1, HealthState.UP, builder -> builder.maxInFlight(1));
        LoadBalancer pool = replicas.pool(builder -> builder);
        assertThat(pool.snapshot().tier(1).loadPercent()).isEqualTo(30);
        Map<Integer, Integer> calls = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            calls.merge(lease(pool).backend().priority(), 1, Integer::sum);
        }

        assertThat(calls).containsEntry(1, 1).containsEntry(0, 99);
    }

    /** With keys, the tier that a request goes to is its key's. */
    @Test
    void keyedRequests_keepTheirBackend_whileTiersShareTheLoad() {
        replicas.add(2, 0, HealthState.UP).add(2, 0, HealthState.DOWN).add(4, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder.strategy(Strategies.consistentHash()));
        Map<String, Backend> owners = new HashMap<>();
        int spilled = 0;
        for (int round = 0; round < 3; round++) {
            for (int key = 0; key < 1_000; key++) {
                Backend backend =
                        lease(pool, RequestContext.ofAffinityKey("user " + key)).backend();
                assertThat(owners.computeIfAbsent("user " + key, k -> backend)).isEqualTo(backend);
                spilled += backend.priority();
            }
        }

        assertThat(spilled / 3).isBetween(250, 350);
    }

    // Degraded.

    @Test
    void degradedBackends_areSpared_untilTheyAreNeeded() {
        replicas.add(3, 0, HealthState.UP).add(1, 0, HealthState.DEGRADED).add(1, 1, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);
        assertThat(Replicas.count(pool, 50, Backend::id)).containsOnlyKeys("p0.0", "p0.1", "p0.2");
        assertThat(status(pool, "p0.3").health()).isEqualTo(HealthState.DEGRADED);
        assertThat(status(pool, "p0.3").ineligibilities()).containsExactly(Ineligibility.DEGRADED);
        assertThat(status(pool, "p0.3").explanation()).isEqualTo("not used: degraded and not needed");

        replicas.become(HealthState.DOWN, "p0.0", "p0.1", "p0.2", "p1.0");
        assertThat(Replicas.count(pool, 10, Backend::id)).containsOnlyKeys("p0.3");
        assertThat(status(pool, "p0.3").isEligible()).isTrue();
    }

    @Test
    void degradedBackend_takesARetryThatNobodyElseCan() {
        replicas.add(1, 0, HealthState.DEGRADED).add(3, 0, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);
        List<Backend> healthy = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            healthy.add(lease(pool, RequestContext.NONE.withTried(healthy)).backend());
        }
        assertThat(healthy).extracting(Backend::id).containsExactlyInAnyOrder("p0.1", "p0.2", "p0.3");

        assertThat(lease(pool, RequestContext.NONE.withTried(healthy)).backend().id())
                .isEqualTo("p0.0");
    }

    @Test
    void degradedHealth_showsInEvents_andHealsAtOnce() {
        replicas.add(2, 0, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);

        replicas.become(HealthState.DEGRADED, "p0.0");
        assertThat(Replicas.count(pool, 10, Backend::id)).containsKey("p0.1");
        assertThat(pool.snapshot().tier(0).degradedLoadPercent()).isEqualTo(30);
        replicas.become(HealthState.UP, "p0.0");

        assertThat(pool.snapshot().tier(0).degradedLoadPercent()).isZero();
        assertThat(Replicas.count(pool, 10, Backend::id)).hasSize(2);
    }

    // Need.

    /** Of which any part may be out by breakers. */
    private LoadBalancer failingPool(PanicPolicy policy) {
        return replicas.pool(builder -> builder.outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder().maxOpenPercent(100).build())
                .panic(policy));
    }

    private static Map<String, Outcome> all(Outcome outcome, String... ids) {
        Map<String, Outcome> outcomes = new HashMap<>();
        for (String id : ids) {
            outcomes.put(id, outcome);
        }
        return outcomes;
    }

    @Test
    void failingTier_isLeftForAHealthyOne() {
        replicas.add(3, 0, HealthState.UP).add(2, 1, HealthState.UP);
        LoadBalancer pool = failingPool(PanicPolicy.useAnswering(50));

        call(pool, 400, all(Outcome.SERVER_ERROR, "p0.0", "p0.1", "p0.2"));

        assertThat(Replicas.count(pool, 40, Backend::id)).containsOnlyKeys("p1.0", "p1.1");
        assertThat(replicas.fixture.events(PanicChanged.class)).isEmpty();
    }

    @Test
    void failureOfAllTiers_isDoubted_andTold() {
        replicas.add(3, 0, HealthState.UP).add(2, 1, HealthState.UP);
        LoadBalancer pool = failingPool(PanicPolicy.useAnswering(50));

        call(pool, 800, all(Outcome.SERVER_ERROR, "p0.0", "p0.1", "p0.2", "p1.0", "p1.1"));

        assertThat(Replicas.count(pool, 500, Backend::id)).hasSize(5);
        assertThat(status(pool, "p0.0").explanation())
                .isEqualTo("used although its breaker is open: it fails; too little of the tier is left");
        assertThat(pool.snapshot().tier(0).panic()).isTrue();
        assertThat(pool.snapshot().tier(1).panic()).isTrue();
        List<PanicChanged> told = replicas.fixture.events(PanicChanged.class);
        assertThat(told).extracting(PanicChanged::on).containsOnly(true);
        assertThat(told).extracting(PanicChanged::tier).containsExactlyInAnyOrder(0, 1);

        fixtureHeals(pool);
        assertThat(pool.snapshot().tier(0).panic()).isFalse();
        assertThat(replicas.fixture.events(PanicChanged.class)).hasSize(4);
    }

    private void fixtureHeals(LoadBalancer pool) {
        for (int i = 0; i < 10; i++) {
            replicas.fixture.time.advance(Duration.ofSeconds(1));
            call(pool, 200);
        }
    }

    @Test
    void byDefault_panicUsesThoseThatAnswer_notThoseThatAreDownOrUnreachable() {
        replicas.add(4, 0, HealthState.UP).add(1, 0, HealthState.DOWN);
        LoadBalancer pool = failingPool(PanicPolicy.useAnswering(50));

        call(pool, 400, Map.of("p0.0", Outcome.SERVER_ERROR, "p0.1", Outcome.NEVER_SENT, "p0.3", Outcome.SERVER_ERROR));

        assertThat(pool.snapshot().tier(0).panic()).isTrue();
        assertThat(Replicas.count(pool, 40, Backend::id)).containsOnlyKeys("p0.0", "p0.2", "p0.3");
        assertThat(status(pool, "p0.1").explanation()).isEqualTo("its breaker is open: it cannot be reached");
        assertThat(status(pool, "p0.4").explanation()).isEqualTo("down: as told");
    }

    /** Half of those that answer are good: that the others are dead does not mean that the fault is elsewhere. */
    @Test
    void panicForDeadBackends_doesNotBringBackOneThatFails() {
        replicas.add(3, 0, HealthState.UP).add(1, 0, HealthState.DOWN);
        LoadBalancer pool = failingPool(PanicPolicy.useAnswering(50));

        call(pool, 300, Map.of("p0.0", Outcome.SERVER_ERROR, "p0.1", Outcome.NEVER_SENT));

        assertThat(pool.snapshot().tier(0).panic()).isTrue();
        assertThat(Replicas.count(pool, 40, Backend::id)).containsOnlyKeys("p0.2");
    }

    @Test
    void panicThatUsesAll_stillObeysTheOperator() {
        replicas.add(1, 0, HealthState.UP).add(4, 0, HealthState.DOWN);
        LoadBalancer pool = failingPool(PanicPolicy.useAll(50));
        pool.registry().maintenance("p0.1");
        pool.registry().drain("p0.2");

        assertThat(Replicas.count(pool, 40, Backend::id)).containsOnlyKeys("p0.0", "p0.3", "p0.4");
        assertThat(status(pool, "p0.3").explanation())
                .isEqualTo("used although down: as told; too little of the tier is left");
        assertThat(status(pool, "p0.3").isEligible()).isTrue();
        assertThat(replicas.fixture.events(PanicChanged.class))
                .extracting(PanicChanged::tier, PanicChanged::on)
                .containsExactly(tuple(0, true));
    }

    @Test
    void panicOff_observationCounts_downToTheLast() {
        replicas.add(3, 0, HealthState.UP);
        LoadBalancer pool = failingPool(PanicPolicy.off());
        call(pool, 300, all(Outcome.SERVER_ERROR, "p0.0", "p0.1"));
        assertThat(Replicas.count(pool, 20, Backend::id)).containsOnlyKeys("p0.2");

        call(pool, 100, all(Outcome.SERVER_ERROR, "p0.2"));

        assertThat(Replicas.count(pool, 30, Backend::id)).hasSize(3);
        assertThat(pool.snapshot().tier(0).panic()).isFalse();
    }

    @Test
    void nobodyReachableInAnyTier_allAreTried_firstTierFirst() {
        replicas.add(2, 0, HealthState.UP).add(2, 1, HealthState.UP);
        LoadBalancer pool = failingPool(PanicPolicy.useAnswering(50));

        call(pool, 800, all(Outcome.NEVER_SENT, "p0.0", "p0.1", "p1.0", "p1.1"));

        assertThat(Replicas.count(pool, 20, Backend::id)).containsOnlyKeys("p0.0", "p0.1");
        Backend a = Backend.builder("http://a:1").id("p0.0").build();
        Backend b = Backend.builder("http://b:1").id("p0.1").build();
        assertThat(lease(pool, RequestContext.NONE.withTried(List.of(a, b)))
                        .backend()
                        .priority())
                .isEqualTo(1);
    }

    @Test
    void failFast_letsTrialsThrough_soThatItEndsByItself() {
        replicas.add(3, 0, HealthState.UP);
        LoadBalancer pool = failingPool(PanicPolicy.failFast(50));
        Map<String, Outcome> outcomes = all(Outcome.SERVER_ERROR, "p0.0", "p0.1");
        for (int i = 0; i < 300 && pool.acquire(RequestContext.NONE) instanceof Lease lease; i++) {
            lease.complete(outcomes.getOrDefault(lease.backend().id(), Outcome.SUCCESS));
        }
        assertThat(refusal(pool)).contains("fail fast");

        replicas.fixture.time.advance(Duration.ofMillis(1_300));
        for (int i = 0; i < 20; i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                lease.complete(Outcome.SUCCESS);
            }
        }

        assertThat(Replicas.count(pool, 30, Backend::id)).hasSize(3);
        assertThat(replicas.fixture.events(PanicChanged.class))
                .extracting(PanicChanged::on)
                .containsExactly(true, false);
    }

    @Test
    void failFastInOneOfTwoTiers_refusesItsShareOnly() {
        replicas.add(1, 0, HealthState.UP)
                .add(9, 0, HealthState.DOWN)
                .add(6, 1, HealthState.UP)
                .add(4, 1, HealthState.DOWN);
        LoadBalancer pool = failingPool(PanicPolicy.failFast(50));
        int refused = 0;
        for (int i = 0; i < 1_000; i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                assertThat(lease.backend().priority()).isEqualTo(1);
            } else {
                refused++;
            }
        }

        assertThat(pool.snapshot().tier(0).loadPercent()).isEqualTo(15);
        assertThat(refused).isBetween(100, 200);
        assertThat(status(pool, "p0.0").ineligibilities()).containsExactly(Ineligibility.PANIC);
    }

    // What is said.

    @Test
    void snapshot_saysOfEachBackend_whyOrWhyNot() {
        replicas.add(4, 0, HealthState.UP, builder -> builder.maxInFlight(1))
                .add(1, 1, HealthState.UP)
                .add(1, 2, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);
        pool.registry().maintenance("p0.0");
        lease(pool);
        pool.registry().drain("p0.1");

        Map<String, String> said = new HashMap<>();
        pool.snapshot()
                .backends()
                .forEach(status ->
                        said.put(status.backend().id(), status.ineligibilities() + " " + status.explanation()));

        assertThat(said)
                .containsEntry("p0.0", "[MAINTENANCE] in maintenance")
                .containsEntry("p0.1", "[DRAINING] draining")
                .containsEntry("p1.0", "[] used")
                .containsEntry("p2.0", "[STANDBY] not used: standby tier")
                .containsValue("[FULL] full: 1 calls in flight, at most 1");
    }

    @Test
    void unknownTier_isRefusedWithTheKnownOnes() {
        replicas.add(1, 3, HealthState.UP);
        LoadBalancer pool = replicas.pool(builder -> builder);

        assertThatThrownBy(() -> pool.snapshot().tier(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pool \"users\" has no tier 0; it has [3]");
    }
}
