package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.CheckedHealth;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people read of a backend: whether it takes calls, and why not. */
class StatusReporterTest {
    private static final long NOW = 5_000_000_000L;

    private final PoolStats stats = new PoolStats();
    private final BackendState limited = open("limited", 2);
    private final BackendState unlimited = open("unlimited", Integer.MAX_VALUE);

    private BackendState open(String id, int most) {
        BackendState node = new BackendState(
                Backend.builder("http://" + id + ":1").id(id).maxInFlight(most).build(), stats);
        judge(node);
        node.close(null);
        return node;
    }

    private static void judge(BackendState node) {
        node.condition(BackendCondition.of(node));
    }

    private static void close(BackendState node) {
        judge(node);
        node.close(BackendCondition.ineligibility(node));
    }

    private static String explain(BackendState node) {
        return StatusReporter.explanation(node, true, NOW);
    }

    private static PoolSnapshot describe(BackendState... nodes) {
        SelectionPlan plan = SelectionPlan.NONE;
        SubsetIndex subsets = new SubsetIndex(Map.of(), Map.of(), plan, plan, null, Fallback.NO_FALLBACK);
        Snapshot snapshot = new Snapshot(7, plan.levels(), plan.draw(), subsets, List.of(), List.of(nodes), false);
        return StatusReporter.describe("users", Strategies.roundRobin(), snapshot, NOW);
    }

    private static BackendStatus status(BackendState node) {
        return describe(node).backends().get(0);
    }

    /** A trial whose one call is under way. */
    private static void occupyTrial(BackendState node) {
        VirtualTime time = new VirtualTime();
        node.beginTrial(time);
        node.ownEjection().takeTrialCall(time.nanoTime());
        node.started(time.nanoTime());
    }

    // Numbers.

    @Test
    void requests_areTheCallsThatHaveEnded_andTheCallsInFlight() {
        limited.count(Outcome.SUCCESS);
        limited.count(Outcome.SUCCESS);
        limited.count(Outcome.SERVER_ERROR);
        limited.started(NOW);

        BackendStatus status = status(limited);

        assertThat(status.requests()).isEqualTo(4);
        assertThat(status.inFlight()).isEqualTo(1);
        assertThat(status.outcomes()).containsOnlyKeys(Outcome.values());
        assertThat(status.count(Outcome.SUCCESS)).isEqualTo(2);
        assertThat(status.count(Outcome.SERVER_ERROR)).isEqualTo(1);
        assertThat(status.count(Outcome.CANCELLED)).isZero();
    }

    @Test
    void latency_isMissing_untilACallHasAnswered() {
        assertThat(status(limited).latency()).isNull();

        limited.completed(Outcome.SUCCESS, 3_000_000, NOW);

        assertThat(status(limited).latency()).isEqualTo(Duration.ofMillis(3));
    }

    @Test
    void ejection_saysForHowLong_andIsNeverNegative() {
        assertThat(status(limited).ejectedFor()).isNull();
        limited.ownEjection().eject(1, 0, NOW + 1_500_000_000L, false);
        close(limited);

        assertThat(status(limited).ejectedFor()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(explain(limited)).isEqualTo("ejected for another 1500 ms");
        assertThat(StatusReporter.explanation(limited, true, NOW + 2_000_000_000L))
                .isEqualTo("ejected for another 0 ms");
        assertThat(describe(limited).backends().get(0).ineligibilities()).containsExactly(Ineligibility.EJECTED);
    }

    // Whether it takes calls.

    @Test
    void usedBackend_hasNoReason() {
        assertThat(StatusReporter.reason(unlimited, true)).isNull();
        assertThat(explain(unlimited)).isEqualTo(StatusReporter.USED);
        assertThat(status(unlimited).isEligible()).isTrue();
    }

    @Test
    void idleBackend_saysWhyItGetsNoCalls_thoughItCould() {
        unlimited.idleBecause(Ineligibility.REMOTE_ZONE);

        assertThat(StatusReporter.reason(unlimited, true)).isEqualTo(Ineligibility.REMOTE_ZONE);
        assertThat(explain(unlimited)).isEqualTo("not used: in a zone not in use");
    }

    @Test
    void fullBackend_isFull_whateverElseIsLeft() {
        limited.started(NOW);
        limited.started(NOW);

        assertThat(StatusReporter.reason(limited, true)).isEqualTo(Ineligibility.FULL);
        assertThat(StatusReporter.reason(limited, false)).isEqualTo(Ineligibility.FULL);
        assertThat(explain(limited)).isEqualTo("full: 2 calls in flight, at most 2");
        assertThat(StatusReporter.explanation(limited, false, NOW)).isEqualTo("full: 2 calls in flight, at most 2");
    }

    @Test
    void backendOnTrial_waitsForItsOneCall_unlessNothingBetterIsLeft() {
        occupyTrial(unlimited);

        assertThat(StatusReporter.reason(unlimited, true)).isEqualTo(Ineligibility.EJECTED);
        assertThat(explain(unlimited)).isEqualTo("back from an ejection: one call at a time until one succeeds");
        assertThat(StatusReporter.reason(unlimited, false)).isNull();
        assertThat(StatusReporter.explanation(unlimited, false, NOW))
                .isEqualTo("used although on trial; nothing better is left");
    }

    @Test
    void backendAtTheLimitOfItsSlowStart_isFull_unlessNothingBetterIsLeft() {
        limited.ramp(1, 1, 1);
        limited.started(NOW);

        assertThat(StatusReporter.reason(limited, true)).isEqualTo(Ineligibility.FULL);
        assertThat(explain(limited)).isEqualTo("full: 1 calls in flight, at most 1");
        assertThat(StatusReporter.reason(limited, false)).isNull();
        assertThat(StatusReporter.explanation(limited, false, NOW))
                .isEqualTo("used although at the limit of its slow start; nothing better is left");
    }

    @Test
    void backendOnTrial_isTheLastResort_onlyIfNoOtherBackendTakesCalls() {
        occupyTrial(limited);

        assertThat(describe(limited, unlimited).backend("limited").isEligible()).isFalse();
        unlimited.close(Ineligibility.DOWN);
        assertThat(describe(limited, unlimited).backend("limited").isEligible()).isTrue();
        assertThat(describe(limited, unlimited).backend("unlimited").ineligibilities())
                .containsExactly(Ineligibility.DOWN);
    }

    // Why it does not.

    @Test
    void backendThatAPanicRefuses_isSaidToBeHealthy() {
        unlimited.close(Ineligibility.PANIC);

        assertThat(explain(unlimited)).isEqualTo("healthy, but its tier is in panic and fails fast");
        assertThat(StatusReporter.reason(unlimited, false)).isEqualTo(Ineligibility.PANIC);
    }

    @ParameterizedTest
    @CsvSource({"MAINTENANCE, in maintenance", "DRAINING, draining"})
    void backendThatAnOperatorHasTakenOut_saysHow(AdminState state, String text) {
        unlimited.adminState(state, NOW);
        close(unlimited);

        assertThat(explain(unlimited)).isEqualTo(text);
    }

    @Test
    void backendThatAsksForNoWeight_drains() {
        unlimited.ownLoadReport().weightPercent(0);
        close(unlimited);

        assertThat(explain(unlimited)).isEqualTo("draining: it asks for 0 % of its weight");
    }

    @Test
    void backendThatIsRemoved_drains() {
        unlimited.removed(true);
        close(unlimited);

        assertThat(explain(unlimited)).isEqualTo("removed, and draining");
    }

    @Test
    void backendThatIsDown_namesTheCause() {
        unlimited.checkedHealth(new CheckedHealth(HealthState.DOWN, "connection refused"));
        close(unlimited);

        assertThat(explain(unlimited)).isEqualTo("down: connection refused");
    }

    @Test
    void openBreaker_saysWhetherTheBackendFailsOrCannotBeReached() {
        unlimited.ownCircuit().state(BreakerState.OPEN, NOW);
        close(unlimited);
        assertThat(explain(unlimited)).isEqualTo("its breaker is open: it fails");

        unlimited.ownCircuit().opened(true, NOW);
        close(unlimited);
        assertThat(explain(unlimited)).isEqualTo("its breaker is open: it cannot be reached");
    }

    @Test
    void restingBackend_saysForHowLong_orThatItIsUsedAllTheSame() {
        unlimited.ownCooldown().begin(NOW + 250_000_000L);
        close(unlimited);
        assertThat(explain(unlimited)).isEqualTo("resting as it asked, for another 250 ms");

        unlimited.close(null);
        assertThat(explain(unlimited)).isEqualTo("used although it has asked for a rest; no other backend is left");
    }

    // What is unusual about a used one.

    @Test
    void failingBackendThatIsUsed_saysWhatIsWrong_andWhyItIsUsed() {
        unlimited.ownEjection().eject(1, 0, NOW + 40_000_000L, false);
        judge(unlimited);

        assertThat(explain(unlimited))
                .isEqualTo("used although ejected for another 40 ms; too little of the tier is left");
    }

    @Test
    void degradedBackendThatIsUsed_namesTheCause() {
        unlimited.checkedHealth(new CheckedHealth(HealthState.DEGRADED, "disk nearly full"));
        judge(unlimited);

        assertThat(explain(unlimited)).isEqualTo("used although degraded: disk nearly full");
    }

    @Test
    void reportedWeight_andSlowStart_areToldOfAUsedBackend() {
        unlimited.ownLoadReport().weightPercent(40);
        assertThat(explain(unlimited)).isEqualTo("used; it asks for 40 % of its weight");

        unlimited.ownRamp().begin(NOW);
        unlimited.ownRamp().factor(0.254);
        assertThat(explain(unlimited)).isEqualTo("used; it asks for 40 % of its weight; slow start at 25 %");
    }

    @Test
    void snapshot_namesThePoolItsStrategyAndItsVersion() {
        PoolSnapshot snapshot = describe(limited, unlimited);

        assertThat(snapshot.pool()).isEqualTo("users");
        assertThat(snapshot.strategy()).isEqualTo("roundRobin");
        assertThat(snapshot.version()).isEqualTo(7);
        assertThat(snapshot.closed()).isFalse();
        assertThat(snapshot.backends())
                .extracting(status -> status.backend().id())
                .containsExactly("limited", "unlimited");
    }
}
