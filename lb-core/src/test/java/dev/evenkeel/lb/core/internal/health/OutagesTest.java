package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What counts as in service, as out and as left. */
class OutagesTest {
    private final List<BackendState> nodes = IntStream.range(0, 4)
            .mapToObj(i -> new BackendState(Backend.of("http://b" + i + ":1"), new PoolStats()))
            .toList();

    @Test
    void openBreakersAndEjections_areOut() {
        nodes.get(0).ownCircuit().state(BreakerState.OPEN, 0);
        nodes.get(1).ownEjection().eject(1, 0, 9, false);
        assertThat(Outages.of(nodes)).isEqualTo(new Outages(4, 2, 2));
        assertThat(Outages.besides(nodes.get(0), nodes)).isEqualTo(new Outages(3, 1, 2));
    }

    @Test
    void unreachableBackend_hasNoCapacityToLose() {
        nodes.get(0).ownCircuit().state(BreakerState.OPEN, 0);
        nodes.get(0).ownCircuit().opened(true, 0);
        assertThat(Outages.of(nodes)).isEqualTo(new Outages(3, 0, 3));
    }

    @Test
    void backendInMaintenance_isNotInService_andOneInACooldownIsNotInUse() {
        nodes.get(0).adminState(AdminState.MAINTENANCE, 0);
        nodes.get(1).ownCooldown().begin(9);
        assertThat(Outages.of(nodes)).isEqualTo(new Outages(3, 0, 2));
    }
}
