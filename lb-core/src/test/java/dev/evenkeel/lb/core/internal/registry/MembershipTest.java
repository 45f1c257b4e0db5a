package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Which backends a pool has: what a backend that joins, changes, leaves and returns brings with it. */
class MembershipTest {
    private final PoolFixture fixture = new PoolFixture();
    private final LoadBalancer pool =
            fixture.builder("http://a:1", "http://b:1").build();

    @Test
    void list_joinsChangesAndLeaves_inOneStep() {
        pool.registry().replaceAll(List.of(Backend.of("http://b:1").withWeight(3), Backend.of("http://c:1")));
        assertThat(pool.snapshot().backends())
                .extracting(one -> one.backend().id())
                .containsExactly("b:1", "c:1");
        assertThat(fixture.events(BackendUpdated.class)).hasSize(1);
        assertThat(fixture.events(BackendRemoved.class)).hasSize(1);
        assertThat(fixture.events(BackendAdded.class)).hasSize(3);
    }

    @Test
    void equalList_changesNothing() {
        int before = fixture.events.size();
        pool.registry().replaceAll(List.of(Backend.of("http://a:1"), Backend.of("http://b:1")));
        assertThat(fixture.events).hasSize(before);
    }

    @Test
    void listWithDuplicates_isRefused_andNothingChanges() {
        assertThatThrownBy(
                        () -> pool.registry().replaceAll(List.of(Backend.of("http://c:1"), Backend.of("https://c:1"))))
                .hasMessageStartingWith("duplicate backend id \"c:1\"");
        assertThat(pool.snapshot().backends()).hasSize(2);
    }

    @Test
    void backendThatReturns_isActiveAgain() {
        pool.registry().maintenance("a:1");
        pool.registry().remove("a:1");
        pool.registry().add(Backend.of("http://a:1"));
        assertThat(status(pool, "a:1").adminState()).isEqualTo(AdminState.ACTIVE);
    }

    /** A snapshot of many backends takes a while: the backends of the list before serve until it is in force. */
    @Test
    void callWhileAListOfOthersIsTakenOver_isServed() {
        List<String> served = new ArrayList<>();
        AtomicReference<LoadBalancer> held = new AtomicReference<>();
        LoadBalancer slow = fixture.builder("http://a:1", "http://b:1")
                .strategy(context -> {
                    if (held.get() != null) {
                        served.add(lease(held.get()).backend().id());
                    }
                    return Strategies.roundRobin().newPicker(context);
                })
                .build();
        held.set(slow);

        slow.registry().replaceAll(List.of(Backend.of("http://c:1"), Backend.of("http://d:1")));

        assertThat(served).isNotEmpty().isSubsetOf("a:1", "b:1");
        held.set(null);
        assertThat(call(slow, 10)).containsOnlyKeys("c:1", "d:1");
    }
}
