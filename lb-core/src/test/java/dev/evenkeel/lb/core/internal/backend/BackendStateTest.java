package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.Picker;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a call may start at a backend, whatever its limit, its trial, its slow start and its drain say. */
class BackendStateTest {
    private final VirtualTime time = new VirtualTime();
    private final BackendState node = backend(2);
    private final BackendState unlimited = new BackendState(Backend.of("http://b:1"), new PoolStats());

    private static BackendState backend(int maxInFlight) {
        BackendState node = new BackendState(
                Backend.builder("http://a:1").maxInFlight(maxInFlight).build(), new PoolStats());
        node.close(null);
        return node;
    }

    @Test
    void newBackend_isDown_untilASnapshotOpensIt() {
        assertThat(unlimited.closedBecause()).isEqualTo(Ineligibility.DOWN);
        assertThat(unlimited.isAvailable()).isFalse();
        assertThat(unlimited.isAvailableAsLast()).isFalse();
        assertThat(unlimited.isOpenToAll()).isFalse();
        assertThat(unlimited.isCold()).isTrue();

        unlimited.close(null);

        assertThat(unlimited.isAvailable()).isTrue();
        assertThat(unlimited.isAvailableAsLast()).isTrue();
        assertThat(unlimited.isOpenToAll()).isTrue();
    }

    @Test
    void limit_isTheMostInFlight() {
        assertThat(node.started(0)).isZero();
        assertThat(node.isAvailable()).isTrue();
        node.started(0);

        assertThat(node.isAvailable()).isFalse();
        assertThat(node.isAvailableAsLast()).isFalse();
        assertThat(node.takesSessions()).isFalse();
        assertThat(node.isOpenToAll()).isFalse();
        node.ended(0, false);
        assertThat(node.isAvailable()).isTrue();
        assertThat(node.isAvailableAsLast()).isTrue();
        assertThat(node.takesSessions()).isTrue();
    }

    @Test
    void callThatHasStarted_isOverTheLimit_ifSoManyWereBeforeIt() {
        assertThat(node.isOverCeiling(1, false)).isFalse();
        assertThat(node.isOverCeiling(2, false)).isTrue();
        assertThat(node.isOverCeiling(1, true)).isFalse();
        assertThat(node.isOverCeiling(2, true)).isTrue();
        assertThat(node.isOverOwnLimit(1)).isFalse();
        assertThat(node.isOverOwnLimit(2)).isTrue();
        assertThat(node.isOverSessionCeiling(1)).isFalse();
        assertThat(node.isOverSessionCeiling(2)).isTrue();
    }

    @Test
    void streamThatHasBeenAnswered_countsAsWell() {
        node.started(0);
        node.answered(0);

        assertThat(node.isOverCeiling(0, false)).isFalse();
        assertThat(node.isOverCeiling(1, false)).isTrue();
        assertThat(node.isOverOwnLimit(1)).isTrue();
        assertThat(node.isOverSessionCeiling(1)).isTrue();
    }

    @Test
    void backendWithoutALimit_isNeverOver() {
        unlimited.close(null);

        assertThat(unlimited.isOverCeiling(1_000_000, false)).isFalse();
        assertThat(unlimited.isOverCeiling(1_000_000, true)).isFalse();
        assertThat(unlimited.isOverOwnLimit(1_000_000)).isFalse();
        assertThat(unlimited.isOverSessionCeiling(1_000_000)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Ineligibility.class,
            names = {"BREAKER_OPEN", "EJECTED", "RESTING", "DOWN", "MAINTENANCE", "DRAINING", "PANIC"})
    void closedBackend_takesNoCall_butAPassivelyClosedOneThoseThatIgnoreThat(Ineligibility reason) {
        unlimited.close(reason);

        assertThat(unlimited.isAvailable()).isFalse();
        assertThat(unlimited.isAvailableAsLast()).isFalse();
        assertThat(unlimited.isOverCeiling(0, false)).isTrue();
        assertThat(unlimited.isOverCeiling(0, true)).isTrue();
        boolean passive = List.of(Ineligibility.BREAKER_OPEN, Ineligibility.EJECTED, Ineligibility.RESTING)
                .contains(reason);
        assertThat(unlimited.isOverOwnLimit(0)).isEqualTo(!passive);
        unlimited.condition(BackendCondition.FAILING);
        assertThat(unlimited.isPassivelyOut()).isEqualTo(passive);
        unlimited.condition(BackendCondition.HEALTHY);
        assertThat(unlimited.isPassivelyOut()).isFalse();
    }

    @Test
    void conditionThatIsPassive_isOutBeforeASnapshotHasClosedIt() {
        node.condition(BackendCondition.RESTING);

        assertThat(node.isPassivelyOut()).isTrue();
    }

    @Test
    void trial_takesOneCall_andAsTheLastBackendAll() {
        unlimited.close(null);
        unlimited.beginTrial(time);

        assertThat(unlimited.isTrial()).isTrue();
        assertThat(unlimited.isOpenToAll()).isFalse();
        assertThat(unlimited.isAvailable()).isTrue();
        assertThat(unlimited.ownEjection().takeTrialCall(time.nanoTime())).isTrue();
        assertThat(unlimited.isAvailable()).isFalse();
        assertThat(unlimited.isAvailableAsLast()).isTrue();

        unlimited.endTrial();
        assertThat(unlimited.isTrial()).isFalse();
        assertThat(unlimited.isAvailable()).isTrue();
        assertThat(unlimited.isOpenToAll()).isTrue();
    }

    @Test
    void endOfATrialThatThereIsNot_allocatesNothing() {
        unlimited.endTrial();

        assertThat(unlimited.ejection()).isSameAs(EjectionState.NONE);
    }

    @Test
    void slowStart_limitsCalls_butNotThoseWithoutABetterBackend() {
        BackendState many = backend(10);
        many.ramp(0.5, 1, 0.25);
        many.started(0);

        assertThat(many.isAvailable()).isFalse();
        assertThat(many.isAvailableAsLast()).isTrue();
        assertThat(many.weight()).isEqualTo(0.5);
        assertThat(many.limit()).isEqualTo(1);
        assertThat(many.admission()).isEqualTo(0.25);
        many.ramp(1, 10, 1);
        assertThat(many.isAvailable()).isTrue();
        assertThat(many.admission()).isEqualTo(1);
    }

    @Test
    void backendOfAShareOfRequests_isNotOpenToAll() {
        unlimited.close(null);
        unlimited.ramp(1, Integer.MAX_VALUE, 0.5);

        assertThat(unlimited.isOpenToAll()).isFalse();
        assertThat(unlimited.isAvailable()).isTrue();
    }

    @Test
    void admissionOf1_allocatesNoRamp() {
        node.ramp(3, 2, 1);

        assertThat(node.ramp()).isSameAs(RampState.NONE);
    }

    @Test
    void mostInFlight_isReported_orConfigured_andReducedByAnAdaptiveLimit() {
        assertThat(node.mostInFlight()).isEqualTo(2);
        node.ownLoadReport().maxInFlight(7);
        assertThat(node.mostInFlight()).isEqualTo(7);
        node.adaptiveLimit(new GradientLimit(1, 5, 100, 2));
        assertThat(node.mostInFlight()).isEqualTo(5);
        node.ownLoadReport().maxInFlight(1);
        assertThat(node.mostInFlight()).isEqualTo(1);
    }

    @Test
    void draining_letsSessionsIn_upToTheLimit_untilTheyAreStopped() {
        node.adminState(AdminState.DRAINING, 0);
        node.updateSessions();
        node.close(Ineligibility.DRAINING);

        assertThat(node.isAvailable()).isFalse();
        assertThat(node.keepsSessions()).isTrue();
        assertThat(node.takesSessions()).isTrue();
        assertThat(node.isOverSessionCeiling(1)).isFalse();
        assertThat(node.isOverSessionCeiling(2)).isTrue();

        node.ownDrain().stopSessions();
        assertThat(node.keepsSessions()).isFalse();
        assertThat(node.takesSessions()).isFalse();
        assertThat(node.isOverSessionCeiling(0)).isTrue();
    }

    @Test
    void backendThatIsClosedOtherwise_letsNoSessionIn() {
        node.adminState(AdminState.DRAINING, 0);
        node.updateSessions();
        node.close(Ineligibility.DOWN);

        assertThat(node.takesSessions()).isFalse();
    }

    @Test
    void health_isThatOfTheChecks_unlessTheBackendReportsItselfDown() {
        assertThat(node.effectiveHealth()).isEqualTo(HealthState.UNKNOWN);
        assertThat(node.awaitsFirstCheck()).isFalse();
        node.checkedHealth(CheckedHealth.AWAITED);
        assertThat(node.awaitsFirstCheck()).isTrue();
        CheckedHealth up = new CheckedHealth(HealthState.UP, "status 200");
        node.checkedHealth(up);
        assertThat(node.checkedHealth()).isSameAs(up);
        assertThat(node.effectiveHealthCause()).isEqualTo("status 200");

        node.ownLoadReport().downBecause("the agent says down");
        assertThat(node.effectiveHealth()).isEqualTo(HealthState.DOWN);
        assertThat(node.effectiveHealthCause()).isEqualTo("the agent says down");

        node.checkedHealth(new CheckedHealth(HealthState.DOWN, "refused"));
        assertThat(node.effectiveHealthCause()).isEqualTo("refused");
    }

    @Test
    void tierCount_keepsTheConditionOfThatTime() {
        node.condition(BackendCondition.DEGRADED);
        node.checkedHealth(CheckedHealth.AWAITED);
        node.replaced(true);
        node.countIn();
        node.condition(BackendCondition.FAILING);
        node.checkedHealth(CheckedHealth.UNKNOWN);

        assertThat(node.counted()).isSameAs(node.backend());
        assertThat(node.countedAs()).isEqualTo(BackendCondition.DEGRADED);
        assertThat(node.wasCountedAwaited()).isTrue();
        assertThat(node.wasCountedReplaced()).isFalse();

        node.countIn();
        assertThat(node.wasCountedAwaited()).isFalse();
        assertThat(node.wasCountedReplaced()).isTrue();
        node.countOut();
        assertThat(node.counted()).isNull();
    }

    @Test
    void picker_isThatOfItsGroup() {
        Picker picker = request -> null;
        assertThat(node.picker()).isNull();
        node.pickerRef(new PickerRef(picker));
        assertThat(node.picker()).isSameAs(picker);
        node.pickerRef(null);
        assertThat(node.picker()).isNull();
    }

    @Test
    void flags_areKept() {
        assertThat(node.isRemoved() || node.isListed() || node.isTouched() || node.isSettled())
                .isFalse();
        node.removed(true);
        assertThat(node.isRemoved()).isTrue();
        node.listed(true);
        assertThat(node.isListed()).isTrue();
        node.touched(true);
        assertThat(node.isTouched()).isTrue();
        node.settled(true);
        assertThat(node.isSettled()).isTrue();
        node.cold(false);
        assertThat(node.isCold()).isFalse();
        node.idleBecause(Ineligibility.STANDBY);
        assertThat(node.idleBecause()).isEqualTo(Ineligibility.STANDBY);
        assertThat(node.isReplaced()).isFalse();
        node.inSubsetsOnly(true);
        assertThat(node.inSubsetsOnly()).isTrue();
        node.inSubsetsOnly(false);
        assertThat(node.inSubsetsOnly()).isFalse();
        SubsetMembership subsets = new SubsetMembership(Map.of(), Map.of(), List.of());
        node.subsets(subsets);
        assertThat(node.subsets()).isSameAs(subsets);
        assertThat(node).hasToString(node.backend().id());
    }

    @Test
    void description_isReplaced() {
        Backend other = Backend.of("http://c:1");
        node.backend(other, WeightSource.OPERATOR);
        node.number(7);

        assertThat(node.backend()).isSameAs(other);
        assertThat(node.number()).isEqualTo(7);
        assertThat(node.weightSetBy()).isEqualTo(WeightSource.OPERATOR);
    }

    @Test
    void calls_areCountedByTheirOutcome() {
        node.count(Outcome.SUCCESS);
        node.count(Outcome.SUCCESS);
        node.count(Outcome.TIMED_OUT);

        assertThat(node.counted(Outcome.SUCCESS)).isEqualTo(2);
        assertThat(node.counted(Outcome.TIMED_OUT)).isEqualTo(1);
        assertThat(node.counted(Outcome.FAILED)).isZero();
        assertThat(node.outcomes().counted(Outcome.TIMED_OUT)).isEqualTo(1);
    }

    @Test
    void firstUseOfAPart_isKept_andNoOtherPartIsMade() {
        node.ownCooldown().begin(9);

        assertThat(node.ownCooldown()).isSameAs(node.cooldown());
        assertThat(node.cooldown().isActive()).isTrue();
        assertThat(node.cooldown().untilNanos()).isEqualTo(9);
        assertThat(node.circuit()).isSameAs(CircuitState.NONE);
        assertThat(node.drain()).isSameAs(DrainState.NONE);
        assertThat(node.session()).isSameAs(SessionState.NONE);
        assertThat(node.proven()).isSameAs(ProvenState.NONE);
        assertThat(node.loadReport()).isSameAs(LoadReportState.NONE);
        assertThat(unlimited.cooldown().isActive()).isFalse();
        node.ownCooldown().end();
        assertThat(node.cooldown().isActive()).isFalse();
    }

    @Test
    void everyPart_isMadeOnce_andReadBack() {
        assertThat(node.ownCircuit()).isSameAs(node.ownCircuit()).isSameAs(node.circuit());
        assertThat(node.ownEjection()).isSameAs(node.ownEjection()).isSameAs(node.ejection());
        assertThat(node.ownLoadReport()).isSameAs(node.ownLoadReport()).isSameAs(node.loadReport());
        assertThat(node.ownRamp()).isSameAs(node.ownRamp()).isSameAs(node.ramp());
        assertThat(node.ownDrain()).isSameAs(node.ownDrain()).isSameAs(node.drain());
        assertThat(node.ownSession()).isSameAs(node.ownSession()).isSameAs(node.session());
        assertThat(node.ownProven()).isSameAs(node.ownProven()).isSameAs(node.proven());
        assertThat(node.ownOutcomes()).isSameAs(node.ownOutcomes()).isSameAs(node.outcomes());
    }

    @Test
    void stateThatIsTheSame_allocatesNothing() {
        node.adminState(AdminState.ACTIVE, 0);
        node.adaptiveLimit(null);
        node.replaced(false);
        node.inSubsetsOnly(false);
        node.updateSessions();

        // The parts of a backend without any are shared, and never written.
        assertThat(node.keepsSessions()).isFalse();
        assertThat(unlimited.adminState()).isEqualTo(AdminState.ACTIVE);
    }

    @Test
    void ramp_isBetweenItsBeginningAndItsEnd() {
        assertThat(node.isInSlowStart()).isFalse();
        node.ownRamp().begin(5);
        node.ownRamp().factor(0.25);
        assertThat(node.ramp().isRamping()).isTrue();
        assertThat(node.ramp().sinceNanos()).isEqualTo(5);
        assertThat(node.isInSlowStart()).isTrue();
        node.ownRamp().end();
        assertThat(node.ramp().isRamping()).isFalse();
        assertThat(node.isInSlowStart()).isFalse();
    }

    @Test
    void report_isForgotten_andItsPollerNot() {
        node.ownLoadReport().poller(() -> {});
        node.ownLoadReport().weightPercent(40);
        node.ownLoadReport().maxInFlight(4);
        node.ownLoadReport().downBecause("asked for");
        assertThat(node.loadReport().weightPercent()).isEqualTo(40);

        node.ownLoadReport().forget();

        assertThat(node.loadReport().weightPercent()).isEqualTo(100);
        assertThat(node.loadReport().maxInFlight()).isZero();
        assertThat(node.loadReport().downBecause()).isNull();
        assertThat(node.loadReport().poller()).isNotNull();
    }
}
