package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import org.junit.jupiter.api.Test;

/** A backend's condition follows from what each policy says, in this order: operator, checks, calls, cooldown. */
class BackendConditionTest {
    private final BackendState node = new BackendState(Backend.of("http://a:1"), new PoolStats());

    @Test
    void condition_isTheFirstReasonToKeepABackendOut() {
        node.checkedHealth(new CheckedHealth(HealthState.DEGRADED, "slow"));
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.DEGRADED);
        node.ownCooldown().begin(5);
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.RESTING);
        node.ownEjection().eject(1, 0, 5, false);
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.FAILING);
        node.checkedHealth(new CheckedHealth(HealthState.DOWN, "refused"));
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.DOWN);
        node.adminState(AdminState.DRAINING, 0);
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.WITHDRAWN);
        node.removed(true);
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.LEAVING);
    }

    @Test
    void backendThatReportsAWeightOf0_isWithdrawn() {
        node.ownLoadReport().weightPercent(0);

        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.WITHDRAWN);
        assertThat(BackendCondition.isInService(node)).isFalse();
    }

    @Test
    void backendThatABreakerAndAnEjectionKeepOut_isUnreachableIfTheLaterOneFoundItSo() {
        node.ownCircuit().opened(true, 1);
        node.ownCircuit().state(BreakerState.OPEN, 1);
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.UNREACHABLE);

        node.ownEjection().eject(1, 2, 9, false);

        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.FAILING);
    }

    @Test
    void breakerThatOpenedAfterTheEjection_saysWhetherItWasReached() {
        node.ownEjection().eject(1, 5, 9, false);
        node.ownCircuit().opened(true, 10);
        node.ownCircuit().state(BreakerState.OPEN, 10);

        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.UNREACHABLE);
    }

    @Test
    void ejectionOfTheSameMoment_countsAsTheLaterOne() {
        node.ownCircuit().opened(true, 5);
        node.ownCircuit().state(BreakerState.OPEN, 5);
        node.ownEjection().eject(1, 5, 9, false);

        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.FAILING);
    }

    @Test
    void ejectionAlone_isUnreachable_whileItLasts() {
        node.ownEjection().eject(1, 2, 9, true);
        assertThat(BackendCondition.isUnreachable(node)).isTrue();
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.UNREACHABLE);

        node.ownEjection().readmit();

        assertThat(BackendCondition.isUnreachable(node)).isFalse();
        assertThat(BackendCondition.isInService(node)).isTrue();
    }

    @Test
    void ejectionThatHasEnded_doesNotChangeWhatAnOpenBreakerKnows() {
        node.ownCircuit().opened(true, 1);
        node.ownCircuit().state(BreakerState.OPEN, 1);
        node.ownEjection().eject(1, 2, 9, false);

        node.ownEjection().readmit();

        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.UNREACHABLE);
    }

    @Test
    void partThatAnotherPolicyOwns_isNotAllocated() {
        node.ownCooldown().begin(5);

        assertThat(node.cooldown()).isNotSameAs(CooldownState.NONE);
        assertThat(node.ejection()).isSameAs(EjectionState.NONE);
        assertThat(node.circuit()).isSameAs(CircuitState.NONE);
        assertThat(node.drain()).isSameAs(DrainState.NONE);
        assertThat(node.ownCooldown()).isSameAs(node.cooldown());
    }

    @Test
    void reason_isThatOfTheCondition_andOfWhatKeepsItOut() {
        assertThat(reason(BackendCondition.HEALTHY)).isNull();
        assertThat(reason(BackendCondition.DEGRADED)).isNull();
        assertThat(reason(BackendCondition.FAILING)).isEqualTo(Ineligibility.EJECTED);
        assertThat(reason(BackendCondition.RESTING)).isEqualTo(Ineligibility.RESTING);
        assertThat(reason(BackendCondition.DOWN)).isEqualTo(Ineligibility.DOWN);
        assertThat(reason(BackendCondition.LEAVING)).isEqualTo(Ineligibility.DRAINING);
        assertThat(reason(BackendCondition.WITHDRAWN)).isEqualTo(Ineligibility.DRAINING);
        node.adminState(AdminState.MAINTENANCE, 0);
        assertThat(reason(BackendCondition.WITHDRAWN)).isEqualTo(Ineligibility.MAINTENANCE);
        node.ownCircuit().state(BreakerState.OPEN, 1);
        assertThat(reason(BackendCondition.UNREACHABLE)).isEqualTo(Ineligibility.BREAKER_OPEN);
        assertThat(reason(BackendCondition.FAILING)).isEqualTo(Ineligibility.BREAKER_OPEN);
    }

    private Ineligibility reason(BackendCondition condition) {
        node.condition(condition);
        return BackendCondition.ineligibility(node);
    }

    @Test
    void breakerThatIsNotClosed_andEjection_areOut_andTheirTrialsAreOnTrial() {
        assertThat(BackendCondition.isOut(node)).isFalse();
        assertThat(BackendCondition.isOnTrial(node)).isFalse();
        node.ownCircuit().state(BreakerState.OPEN, 1);
        assertThat(BackendCondition.isOut(node)).isTrue();
        assertThat(BackendCondition.isOnTrial(node)).isFalse();
        node.ownCircuit().state(BreakerState.HALF_OPEN, 2);
        assertThat(BackendCondition.isOut(node)).isTrue();
        assertThat(BackendCondition.isOnTrial(node)).isTrue();
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.HEALTHY);
        node.ownCircuit().state(BreakerState.CLOSED, 3);
        assertThat(BackendCondition.isOut(node)).isFalse();

        node.ownEjection().eject(1, 0, 5, false);
        assertThat(BackendCondition.isOut(node)).isTrue();
        node.ownEjection().readmit();
        node.beginTrial(() -> 5);
        assertThat(BackendCondition.isOut(node)).isFalse();
        assertThat(BackendCondition.isOnTrial(node)).isTrue();
    }

    @Test
    void openBreaker_thatWasNotReached_isUnreachable() {
        node.ownCircuit().state(BreakerState.OPEN, 1);
        node.ownCircuit().opened(true, 1);
        assertThat(BackendCondition.of(node)).isEqualTo(BackendCondition.UNREACHABLE);
    }

    @Test
    void onlyWhatCallsHaveObserved_isPassive_andOnlyHealthyAndDegradedAreGood() {
        assertThat(BackendCondition.values())
                .filteredOn(BackendCondition::isPassive)
                .containsExactly(BackendCondition.FAILING, BackendCondition.UNREACHABLE, BackendCondition.RESTING);
        assertThat(BackendCondition.values())
                .filteredOn(BackendCondition::isGood)
                .containsExactly(BackendCondition.HEALTHY, BackendCondition.DEGRADED);
        assertThat(Ineligibility.values())
                .filteredOn(BackendCondition::isPassive)
                .containsExactlyInAnyOrder(Ineligibility.BREAKER_OPEN, Ineligibility.EJECTED, Ineligibility.RESTING);
    }

    @Test
    void sessions_stay_unlessTheBackendCannotServeThem() {
        assertThat(BackendCondition.keepsSessions(node)).isTrue();
        node.adminState(AdminState.DRAINING, 0);
        assertThat(BackendCondition.keepsSessions(node)).isTrue();
        node.adminState(AdminState.MAINTENANCE, 0);
        assertThat(BackendCondition.keepsSessions(node)).isFalse();
        node.adminState(AdminState.DRAINING, 0);

        node.checkedHealth(new CheckedHealth(HealthState.DOWN, "refused"));
        assertThat(BackendCondition.keepsSessions(node)).isFalse();
        node.checkedHealth(CheckedHealth.UNKNOWN);
        node.ownCooldown().begin(5);
        assertThat(BackendCondition.keepsSessions(node)).isFalse();
        node.ownCooldown().end();
        node.ownEjection().eject(1, 0, 5, false);
        assertThat(BackendCondition.keepsSessions(node)).isFalse();
        node.ownEjection().readmit();
        node.ownCircuit().state(BreakerState.OPEN, 1);
        assertThat(BackendCondition.keepsSessions(node)).isFalse();
        node.ownCircuit().state(BreakerState.CLOSED, 1);
        assertThat(BackendCondition.keepsSessions(node)).isTrue();
        node.ownDrain().stopSessions();
        assertThat(BackendCondition.keepsSessions(node)).isFalse();
    }
}
