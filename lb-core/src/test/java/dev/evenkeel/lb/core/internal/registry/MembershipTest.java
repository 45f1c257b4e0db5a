package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadReading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

    private List<String> ids() {
        return pool.snapshot().backends().stream()
                .map(one -> one.backend().id())
                .sorted()
                .toList();
    }

    private void reload(Backend... backends) {
        LoadBalancers.builder("users").backends(List.of(backends)).applyTo(pool);
    }

    @Test
    void reload_followsTheDifferenceOfTheConfiguredLists_andLeavesAnOperatorsChanges() {
        pool.registry().add(Backend.of("http://own:1"));
        pool.registry().setWeight("a:1", 7);
        reload(Backend.of("http://a:1"), Backend.of("http://c:1"));
        assertThat(ids()).containsExactly("a:1", "c:1", "own:1");
        assertThat(status(pool, "a:1").backend().weight())
                .as("the file has not changed it")
                .isEqualTo(7);

        reload(Backend.of("http://a:1").withWeight(2), Backend.of("http://c:1"));
        assertThat(status(pool, "a:1").backend().weight()).isEqualTo(2);
        assertThat(fixture.events(BackendUpdated.class))
                .as("an update, and nothing that joins")
                .hasSize(2);
        assertThat(fixture.events(BackendAdded.class)).hasSize(4);
        pool.registry().remove("a:1");
        reload(Backend.of("http://a:1").withWeight(3));
        assertThat(ids()).as("changed in the file: it joins again").containsExactly("a:1", "own:1");
    }

    @Test
    void reload_withoutBackends_removesNone() {
        reload();
        assertThat(ids()).containsExactly("a:1", "b:1");
    }

    @Test
    void reload_thatDropsABackendThatHasLeftAlready_isNoError() {
        pool.registry().remove("b:1");
        int removals = fixture.events(BackendRemoved.class).size();
        reload(Backend.of("http://a:1"));
        assertThat(ids()).containsExactly("a:1");
        assertThat(fixture.events(BackendRemoved.class)).hasSize(removals);
    }

    @Test
    void sameDescription_isNoUpdate() {
        pool.registry().setWeight("a:1", 1);
        assertThat(fixture.events(BackendUpdated.class)).isEmpty();
        pool.registry().setWeight("a:1", 2);
        assertThat(fixture.events(BackendUpdated.class)).hasSize(1);
    }

    @Test
    void newAddress_isCheckedAndAskedAtOnce_newMetadataAskedOnly_andANewWeightNeither() {
        List<String> checked = new ArrayList<>();
        List<String> asked = new ArrayList<>();
        Backend first = Backend.builder("http://a:1").id("a").build();
        try (LoadBalancer watched = fixture.builder()
                .backend(first)
                .healthCheck((backend, timeout) -> {
                    checked.add(backend.uri().toString());
                    return CompletableFuture.completedFuture(HealthResult.healthy("up"));
                })
                .loadReports((backend, timeout) -> {
                    asked.add(backend.uri() + " " + backend.metadata());
                    return CompletableFuture.completedFuture(new LoadReading(null, null, null, null, null, ""));
                })
                .build()) {
            fixture.time.advance(Duration.ofMillis(1));
            assertThat(checked).containsExactly("http://a:1");
            assertThat(asked).containsExactly("http://a:1 {}");

            watched.registry().setWeight("a", 3);
            fixture.time.advance(Duration.ofMillis(1));
            assertThat(checked).hasSize(1);
            assertThat(asked).hasSize(1);

            watched.registry()
                    .replaceAll(List.of(Backend.builder("http://a:1")
                            .id("a")
                            .metadata("k", "v")
                            .build()));
            fixture.time.advance(Duration.ofMillis(1));
            assertThat(checked).hasSize(1);
            assertThat(asked).containsExactly("http://a:1 {}", "http://a:1 {k=v}");

            watched.registry()
                    .replaceAll(List.of(Backend.builder("http://a:2")
                            .id("a")
                            .metadata("k", "v")
                            .build()));
            fixture.time.advance(Duration.ofMillis(1));
            assertThat(checked).containsExactly("http://a:1", "http://a:2");
            assertThat(asked).containsExactly("http://a:1 {}", "http://a:1 {k=v}", "http://a:2 {k=v}");

            watched.registry().remove("a");
            fixture.time.advance(Duration.ofMinutes(1));
            assertThat(checked).hasSize(2);
            assertThat(asked).hasSize(3);
        }
    }

    @Test
    void memberThatLeaves_isNoMemberAnyMore_thoughItsCallsGoOn() {
        Lease held = lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        pool.registry().remove("a:1");
        assertThatThrownBy(() -> pool.registry().setWeight("a:1", 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pool \"users\" has no backend \"a:1\"; it has [b:1]");
        pool.registry().add(Backend.of("http://a:1"));
        assertThat(status(pool, "a:1").inFlight()).isEqualTo(1);
        held.complete(Outcome.SUCCESS);
    }

    @Test
    void memberThatComesBackWhileItsCallsGoOn_hasItsNewDescription_andACleanSlate() {
        Lease held = lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        RequestContext atA =
                RequestContext.NONE.withPermitted(backend -> backend.id().equals("a:1"));
        for (int i = 0; i < 10; i++) {
            lease(pool, atA).complete(Outcome.SERVER_ERROR);
        }
        assertThat(status(pool, "a:1").breaker()).isEqualTo(BreakerState.OPEN);
        pool.registry().remove("a:1");
        pool.registry().add(Backend.of("http://a:1").withWeight(3));

        assertThat(status(pool, "a:1").breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(status(pool, "a:1").backend().weight()).isEqualTo(3);
        assertThat(status(pool, "a:1").inFlight()).isEqualTo(1);
        held.complete(Outcome.SUCCESS);
    }

    @Test
    void memberThatJoins_hasAnAdaptiveLimitOfItsOwn() {
        try (LoadBalancer limited = fixture.builder("http://a:1")
                .limits(LimitPolicy.none()
                        .withAdaptivePerBackend(AdaptiveLimit.standard().withRange(1, 2, 10)))
                .build()) {
            limited.registry().add(Backend.of("http://c:1"));
            int room = 0;
            while (limited.acquire(RequestContext.NONE) instanceof Lease) {
                room++;
            }
            assertThat(room).isEqualTo(4);
        }
    }

    /** Two of three are down: 1.4 times a third of the load stays, unless others stand in for the two. */
    @Test
    void replacedBackends_countAsMissing_onlyWhileTheListDoesNotSaySo() {
        Set<String> sick = new HashSet<>(Set.of("a:1", "b:1"));
        AtomicReference<BackendDiscovery.Receiver> receiver = new AtomicReference<>();
        List<Backend> list = List.of(
                Backend.of("http://a:1"),
                Backend.of("http://b:1"),
                Backend.of("http://c:1"),
                Backend.builder("http://spare:1").priority(1).build());
        try (LoadBalancer tiers = fixture.builder()
                .healthCheck((backend, timeout) -> CompletableFuture.completedFuture(
                        sick.contains(backend.id()) ? HealthResult.unhealthy("no") : HealthResult.healthy("up")))
                .discovery(given -> {
                    receiver.set(given);
                    given.backends(list);
                    return () -> {};
                })
                .build()) {
            fixture.time.advance(Duration.ofMinutes(1));
            assertThat(load(tiers)).isEqualTo(46);
            receiver.get().backends(list, Set.of("a:1", "b:1"));
            assertThat(load(tiers)).isEqualTo(100);
            receiver.get().backends(list, Set.of("b:1"));
            assertThat(load(tiers)).isEqualTo(70);
            receiver.get().backends(list, Set.of());
            assertThat(load(tiers)).isEqualTo(46);

            receiver.get().backends(list, Set.of("a:1", "b:1"));
            tiers.registry().remove("a:1");
            tiers.registry().add(Backend.of("http://a:1"));
            fixture.time.advance(Duration.ofMinutes(1));
            assertThat(load(tiers)).as("it is replaced still").isEqualTo(100);
        }
    }

    private static int load(LoadBalancer pool) {
        return pool.snapshot().tiers().get(0).loadPercent();
    }

    /** A discovery's pool takes configured backends at its start only. */
    @Test
    void reload_ofTheBackendsBesideADiscovery_changesNothing_andWithAnotherDiscoveryEverything() {
        BackendDiscovery discovery = receiver -> () -> {};
        try (LoadBalancer discovered =
                fixture.builder("http://a:1").discovery(discovery).build()) {
            LoadBalancers.builder("users")
                    .backends("http://a:1", "http://b:1")
                    .discovery(discovery)
                    .applyTo(discovered);
            assertThat(discovered.snapshot().backends()).hasSize(1);
            LoadBalancers.builder("users")
                    .backends("http://c:1")
                    .discovery(receiver -> () -> {})
                    .applyTo(discovered);
            assertThat(discovered.snapshot().backends())
                    .extracting(one -> one.backend().id())
                    .containsExactly("c:1");
        }
    }

    @Test
    void membersThatHaveLeft_areForgottenOneByOne_withoutASnapshot() {
        pool.registry().add(Backend.of("http://c:1"));
        pool.registry().remove("a:1");
        fixture.time.advance(Duration.ofSeconds(1));
        pool.registry().remove("b:1");
        long version = pool.snapshot().version();
        assertThat(fixture.time.pendingTimers()).isEqualTo(1);
        fixture.time.advance(Duration.ofSeconds(599));
        assertThat(fixture.time.pendingTimers()).as("that of the second").isEqualTo(1);
        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(fixture.time.pendingTimers()).isZero();
        assertThat(pool.snapshot().version()).isEqualTo(version);
    }

    @Test
    void closeOfThePool_endsTheDrainsUnderWay() {
        Lease held = lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        var drained = pool.registry().drain("a:1").toCompletableFuture();
        assertThat(drained).isNotDone();
        pool.close();
        assertThat(drained.join().remaining()).isEqualTo(1);
        assertThat(fixture.time.pendingTimers()).isZero();
        held.complete(Outcome.SUCCESS);
    }
}
