package dev.evenkeel.lb.core.internal.snapshot;

import static dev.evenkeel.lb.core.internal.backend.BackendCondition.DEGRADED;
import static dev.evenkeel.lb.core.internal.backend.BackendCondition.DOWN;
import static dev.evenkeel.lb.core.internal.backend.BackendCondition.FAILING;
import static dev.evenkeel.lb.core.internal.backend.BackendCondition.HEALTHY;
import static dev.evenkeel.lb.core.internal.backend.BackendCondition.RESTING;
import static dev.evenkeel.lb.core.internal.backend.BackendCondition.UNREACHABLE;
import static dev.evenkeel.lb.core.internal.backend.BackendCondition.WITHDRAWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which conditions a decision uses, and whether two decisions use the same ones, so that a snapshot may be amended. */
class PriorityDecisionEligibilityTest {
    private static final PanicPolicy OFF = PanicPolicy.off();
    private static final PanicPolicy USE_ANSWERING = PanicPolicy.useAnswering(50);
    private static final PanicPolicy FAIL_FAST = PanicPolicy.failFast(50);

    private final PoolStats stats = new PoolStats();
    private final List<BackendState> nodes = new ArrayList<>();

    private BackendState node(int tier, BackendCondition condition) {
        BackendState node = new BackendState(
                Backend.builder("http://b:1")
                        .id("b" + nodes.size())
                        .priority(tier)
                        .build(),
                stats);
        node.condition(condition);
        nodes.add(node);
        return node;
    }

    /** A decision about a pool with a backend in each of these conditions, by tier. */
    private PriorityDecision decide(PanicPolicy panic, List<List<BackendCondition>> tiers) {
        nodes.clear();
        for (int tier = 0; tier < tiers.size(); tier++) {
            for (BackendCondition condition : tiers.get(tier)) {
                node(tier, condition);
            }
        }
        return decide(panic);
    }

    private PriorityDecision decide(PanicPolicy panic) {
        return PriorityDecision.of(PriorityPolicy.overprovisioned(), panic, TierCounts.count(nodes, false));
    }

    private PriorityDecision decide(PanicPolicy panic, BackendCondition... conditions) {
        return decide(panic, List.of(List.of(conditions)));
    }

    private boolean uses(PriorityDecision decision, int tier, BackendCondition condition) {
        return decision.ineligibility(tier, node(tier, condition)) == null;
    }

    // What is used in need.

    @Test
    void restingBackends_areUsed_beforeFailingOnes_ifNoBackendIsGood() {
        PriorityDecision decision = decide(OFF, RESTING, FAILING, UNREACHABLE);

        assertThat(uses(decision, 0, RESTING)).isTrue();
        assertThat(uses(decision, 0, FAILING)).isFalse();
        assertThat(uses(decision, 0, UNREACHABLE)).isFalse();
        assertThat(decision.healthyPercent(0)).isEqualTo(100);
    }

    @Test
    void restingBackends_rest_whileAnyTierHasAGoodBackend() {
        for (BackendCondition good : List.of(HEALTHY, DEGRADED)) {
            PriorityDecision above = decide(OFF, List.of(List.of(good), List.of(RESTING)));
            assertThat(uses(above, 1, RESTING)).isFalse();
            PriorityDecision below = decide(OFF, List.of(List.of(RESTING), List.of(good)));
            assertThat(uses(below, 0, RESTING)).isFalse();
            assertThat(below.healthyPercent(0)).isZero();
        }
    }

    @Test
    void withoutAGoodOrRestingBackend_passiveHealthIsIgnored_butNotChecks() {
        PriorityDecision decision = decide(OFF, FAILING, UNREACHABLE, DOWN);

        assertThat(uses(decision, 0, FAILING)).isTrue();
        assertThat(uses(decision, 0, UNREACHABLE)).isTrue();
        assertThat(uses(decision, 0, DOWN)).isFalse();
        assertThat(uses(decision, 0, WITHDRAWN)).isFalse();
        assertThat(decision.ineligibility(0, node(0, DOWN))).isEqualTo(Ineligibility.DOWN);
    }

    /** A replaced backend is no part of the capacity that is wanted: the tier panics although it lacks none. */
    @Test
    void failFast_doesNotFallBackToBackendsOutOfReach_otherPoliciesDo() {
        node(0, UNREACHABLE).replaced(true);
        PriorityDecision failsFast = decide(FAIL_FAST);
        PriorityDecision usesAll = decide(PanicPolicy.useAll(50));
        PriorityDecision usesAnswering = decide(USE_ANSWERING);

        assertThat(uses(failsFast, 0, UNREACHABLE)).isFalse();
        assertThat(failsFast.healthyPercent(0)).isZero();
        assertThat(uses(usesAll, 0, UNREACHABLE)).isTrue();
        assertThat(uses(usesAnswering, 0, UNREACHABLE)).isTrue();
        assertThat(usesAnswering.healthyPercent(0)).isEqualTo(100);
    }

    // Shares.

    @Test
    void tierInPanic_hasOneShare_forHealthyAndDegradedBackends() {
        PriorityDecision decision = decide(
                USE_ANSWERING,
                List.of(
                        List.of(DEGRADED, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN),
                        List.of(HEALTHY, DOWN)));

        // 14 % and 70 % of the load can be carried.
        assertThat(decision.treatsAllAlike(0)).isTrue();
        assertThat(decision.healthyPercent(0)).isEqualTo(16);
        assertThat(decision.degradedPercent(0)).isZero();
        assertThat(decision.treatsAllAlike(1)).isFalse();
        assertThat(decision.healthyPercent(1)).isEqualTo(84);
    }

    @Test
    void tierWithoutPanic_hasAShareForHealthy_andOneForDegradedBackends() {
        PriorityDecision decision = decide(OFF, HEALTHY, HEALTHY, DEGRADED, DEGRADED);

        assertThat(decision.healthyPercent(0)).isEqualTo(70);
        assertThat(decision.degradedPercent(0)).isEqualTo(30);
        assertThat(decision.goodPercent(0)).isEqualTo(100);
    }

    @Test
    void tierThatAnOperatorHasEmptied_isNotInPanic() {
        PriorityDecision decision = decide(FAIL_FAST, WITHDRAWN, WITHDRAWN);

        assertThat(decision.isPanic(0)).isFalse();
        assertThat(decision.refusal(0)).isEmpty();
        assertThat(decide(FAIL_FAST, WITHDRAWN, DOWN).isPanic(0)).isTrue();
    }

    // Whether a snapshot may be amended.

    private void assertSame(PanicPolicy panic, List<List<BackendCondition>> one, List<List<BackendCondition>> other) {
        assertThat(decide(panic, one).hasSameEligibility(decide(panic, other))).isTrue();
    }

    private void assertDifferent(
            PanicPolicy panic, List<List<BackendCondition>> one, List<List<BackendCondition>> other) {
        assertThat(decide(panic, one).hasSameEligibility(decide(panic, other))).isFalse();
        assertThat(decide(panic, other).hasSameEligibility(decide(panic, one))).isFalse();
    }

    @Test
    void otherShares_leaveTheEligibilityAsItIs() {
        assertSame(
                OFF,
                List.of(List.of(HEALTHY, HEALTHY, DEGRADED, DEGRADED), List.of(HEALTHY)),
                List.of(List.of(HEALTHY, DOWN, DEGRADED, DEGRADED), List.of(HEALTHY)));
    }

    @Test
    void oneMoreThatFails_inAPanicThatUsesFailingBackends_leavesTheEligibilityAsItIs() {
        assertSame(
                USE_ANSWERING,
                List.of(List.of(HEALTHY, FAILING, FAILING, FAILING)),
                List.of(List.of(FAILING, FAILING, FAILING, FAILING)));
    }

    @Test
    void endOfAllRests_changesTheEligibility() {
        assertDifferent(OFF, List.of(List.of(RESTING, FAILING)), List.of(List.of(HEALTHY, FAILING)));
    }

    /** Both panic, and both use backends that fail; only one of them uses backends out of reach. */
    @Test
    void passiveHealthThatIsIgnored_changesTheEligibility() {
        assertDifferent(
                USE_ANSWERING, List.of(List.of(UNREACHABLE, UNREACHABLE)), List.of(List.of(UNREACHABLE, FAILING)));
    }

    /** In panic, degraded backends are used like healthy ones. */
    @Test
    void panicOfATier_changesTheEligibility() {
        assertDifferent(
                USE_ANSWERING,
                List.of(List.of(HEALTHY, FAILING, DOWN, DOWN)),
                List.of(List.of(HEALTHY, HEALTHY, FAILING, DOWN)));
    }

    @Test
    void panicThatDoubtsCalls_changesTheEligibility() {
        assertDifferent(
                USE_ANSWERING,
                List.of(List.of(HEALTHY, FAILING, FAILING, DOWN)),
                List.of(List.of(HEALTHY, FAILING, DOWN, DOWN)));
    }

    @Test
    void tierThatRefuses_changesTheEligibility() {
        assertDifferent(
                FAIL_FAST,
                List.of(List.of(DOWN), List.of(HEALTHY, DOWN)),
                List.of(List.of(WITHDRAWN), List.of(HEALTHY, DOWN)));
    }

    @Test
    void tierThatGetsItsFirstShare_changesTheEligibility() {
        assertDifferent(
                OFF, List.of(List.of(HEALTHY), List.of(HEALTHY)), List.of(List.of(HEALTHY, DOWN), List.of(HEALTHY)));
    }

    @Test
    void degradedBackendsThatGetTheirFirstShare_changeTheEligibility() {
        assertDifferent(
                OFF,
                List.of(List.of(HEALTHY, HEALTHY, HEALTHY, DEGRADED)),
                List.of(List.of(HEALTHY, HEALTHY, DEGRADED, DEGRADED)));
    }

    @Test
    void everyTierCounts_notTheFirstAlone() {
        assertDifferent(
                OFF,
                List.of(List.of(HEALTHY, DOWN), List.of(HEALTHY), List.of(HEALTHY)),
                List.of(List.of(HEALTHY, DOWN), List.of(DOWN), List.of(HEALTHY)));
    }
}
