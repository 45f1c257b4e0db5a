package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
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
}
