package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class RegistryTest {
    private static final String A = "a:1";
    private static final String B = "b:1";

    private final PoolFixture fixture = new PoolFixture();
    private final LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
            .strategy(Strategies.roundRobin())
            .build();

    @Test
    void add_takesTrafficWithTheNextPick() {
        pool.registry().add(Backend.of("http://c:1"));

        assertThat(call(pool, 30)).containsOnlyKeys(A, B, "c:1").containsEntry("c:1", 10);
        assertThat(fixture.events(BackendAdded.class)).hasSize(3);
    }

    @Test
    void add_ofAnIdThatIsThere_isRefused() {
        assertThatThrownBy(() -> pool.registry().add(Backend.of("http://a:1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backend id \"a:1\" is already in pool \"users\"");
    }

    @Test
    void build_withDuplicateIds_isRefused() {
        assertThatThrownBy(() -> fixture.builder("http://a:1", "https://a:1").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "duplicate backend id \"a:1\" in pool \"users\": http://a:1 and https://a:1; give one of them an"
                                + " id of its own");
    }

    @Test
    void unknownId_namesTheKnownOnes() {
        assertThatThrownBy(() -> pool.registry().maintenance("z"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pool \"users\" has no backend \"z\"; it has [a:1, b:1]");
    }

    @Test
    void remove_ofAnIdleBackend_completesAtOnce() {
        CompletableFuture<DrainReport> gone = pool.registry().remove(A).toCompletableFuture();

        assertThat(gone).isCompletedWithValueMatching(DrainReport::isComplete);
        assertThat(call(pool, 10)).containsOnlyKeys(B);
        assertThat(fixture.events(BackendRemoved.class)).hasSize(1);
    }

    @Test
    void remove_ofABusyBackend_completesWithItsLastCall() {
        Lease lease = leaseOn(A);
        CompletableFuture<DrainReport> gone = pool.registry().remove(A).toCompletableFuture();
        assertThat(gone).isNotDone();
        assertThat(call(pool, 10)).containsOnlyKeys(B);

        fixture.time.advance(Duration.ofSeconds(3));
        lease.complete(Outcome.SUCCESS);

        assertThat(gone.join().remaining()).isZero();
        assertThat(gone.join().took()).isEqualTo(Duration.ofSeconds(3));
        assertThat(pool.snapshot().backends()).hasSize(1);
    }

    @Test
    void remove_atTheDeadline_forgetsTheBackendWithItsCalls() {
        Lease lease = leaseOn(A);
        CompletableFuture<DrainReport> gone = pool.registry().remove(A).toCompletableFuture();

        fixture.time.advance(Duration.ofMinutes(5));

        assertThat(gone.join().remaining()).isEqualTo(1);
        assertThat(pool.snapshot().backends()).hasSize(1);
        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
    }

    @Test
    void comingBack_withinTenMinutes_isNotAStranger() {
        call(pool, 10);
        pool.registry().remove(A);
        pool.registry().add(Backend.of("http://a:1"));

        assertThat(status(pool, A).requests()).isEqualTo(5);
    }

    @Test
    void comingBack_whileLeaving_revivesTheSameBackend() {
        Lease lease = leaseOn(A);
        CompletableFuture<DrainReport> gone = pool.registry().remove(A).toCompletableFuture();
        pool.registry().add(Backend.of("http://a:1"));

        assertThat(gone.join().remaining()).isEqualTo(1);
        assertThat(status(pool, A).inFlight()).isEqualTo(1);
        lease.complete(Outcome.SUCCESS);
        assertThat(status(pool, A).inFlight()).isZero();
        assertThat(call(pool, 10)).containsOnlyKeys(A, B);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void replaceAll_thatChangesNothing_resetsNothing() {
        call(pool, 7);
        long before = status(pool, A).requests();
        int events = fixture.events.size();

        pool.registry().replaceAll(List.of(Backend.of("http://a:1"), Backend.of("http://b:1")));

        assertThat(status(pool, A).requests()).isEqualTo(before);
        assertThat(fixture.events).hasSize(events);
    }

    @Test
    void replaceAll_whileACallLooks_leavesTheCallTheNewList() {
        AtomicReference<LoadBalancer> held = new AtomicReference<>();
        AtomicBoolean replaced = new AtomicBoolean();
        LoadBalancer slow = fixture.builder("http://a:1", "http://b:1")
                .strategy(context -> request -> {
                    if (held.get() != null && replaced.compareAndSet(false, true)) {
                        held.get().registry().replaceAll(List.of(Backend.of("http://c:1")));
                    }
                    return context.candidates().stream()
                            .filter(request::accepts)
                            .findFirst()
                            .orElse(null);
                })
                .build();
        held.set(slow);

        assertThat(lease(slow).backend().id()).isEqualTo("c:1");
        assertThat(replaced).isTrue();
    }

    @Test
    void replaceAll_addsRemovesAndUpdates() {
        pool.registry()
                .replaceAll(List.of(Backend.builder("http://b:1").weight(3).build(), Backend.of("http://c:1")));

        assertThat(call(pool, 10)).containsOnlyKeys(B, "c:1");
        assertThat(fixture.events(BackendUpdated.class)).hasSize(1);
        assertThat(status(pool, B).backend().weight()).isEqualTo(3);
    }

    @Test
    void replaceAll_withDuplicates_changesNothing() {
        assertThatThrownBy(
                        () -> pool.registry().replaceAll(List.of(Backend.of("http://c:1"), Backend.of("http://c:1"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("duplicate backend id \"c:1\"");
        assertThat(call(pool, 10)).containsOnlyKeys(A, B);
    }

    @Test
    void setWeight_outOfRange_isRefused() {
        assertThatThrownBy(() -> pool.registry().setWeight(A, 0))
                .hasMessage(
                        "weight must be 1..65535: 0; to send a backend nothing, drain it or put it into maintenance");
        assertThatThrownBy(() -> pool.registry().setWeight(A, 65_536)).hasMessage("weight must be 1..65535: 65536");
    }

    @Test
    void drain_letsCallsFinish_andGivesNothingNew() {
        Lease lease = leaseOn(A);
        CompletableFuture<DrainReport> drained =
                pool.registry().drain(A, Duration.ofMinutes(1)).toCompletableFuture();
        assertThat(call(pool, 10)).containsOnlyKeys(B);
        assertThat(status(pool, A).adminState()).isEqualTo(AdminState.DRAINING);
        assertThat(drained).isNotDone();

        lease.complete(Outcome.SUCCESS);

        assertThat(drained.join().isComplete()).isTrue();
        assertThat(fixture.events(DrainEnded.class)).hasSize(1);
        assertThat(call(pool, 10)).containsOnlyKeys(B);
        pool.registry().activate(A);
        assertThat(call(pool, 10)).containsOnlyKeys(A, B);
    }

    @Test
    void drain_atItsDeadline_tellsWhatIsLeft() {
        leaseOn(A);
        CompletableFuture<DrainReport> drained =
                pool.registry().drain(A, Duration.ofSeconds(10)).toCompletableFuture();

        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(drained.join().remaining()).isEqualTo(1);
        assertThat(drained.join().took()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void undrain_completesTheDrainWithWhatIsLeft() {
        leaseOn(A);
        CompletableFuture<DrainReport> drained =
                pool.registry().drain(A, Duration.ofSeconds(10)).toCompletableFuture();

        pool.registry().activate(A);

        assertThat(drained.join().remaining()).isEqualTo(1);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void discovery_replacesTheList_andKeepsItOnErrorsAndEmptyAnswers() {
        AtomicReference<BackendDiscovery.Receiver> receiver = new AtomicReference<>();
        AtomicBoolean stopped = new AtomicBoolean();
        LoadBalancer discovered = fixture.builder("http://a:1")
                .discovery(r -> {
                    receiver.set(r);
                    return () -> stopped.set(true);
                })
                .build();
        receiver.get().backends(List.of(Backend.of("http://x:1"), Backend.of("http://y:1")));
        assertThat(call(discovered, 10)).containsOnlyKeys("x:1", "y:1");

        receiver.get().backends(List.of());
        receiver.get().error(new java.io.IOException("no answer"));
        receiver.get().backends(List.of(Backend.of("http://z:1"), Backend.of("http://z:1")));

        assertThat(call(discovered, 10)).containsOnlyKeys("x:1", "y:1");
        assertThat(fixture.events(DiscoveryFailed.class)).hasSize(3);
        discovered.close();
        assertThat(stopped).isTrue();
        receiver.get().backends(List.of(Backend.of("http://x:1")));
    }

    @Test
    void discovery_isOfferedThePoolsOwnClockAndTimers() {
        AtomicReference<BackendDiscovery.Receiver> receiver = new AtomicReference<>();
        LoadBalancer discovered = fixture.builder("http://a:1")
                .discovery(r -> {
                    receiver.set(r);
                    return () -> {};
                })
                .build();
        AtomicReference<Thread> ran = new AtomicReference<>();
        receiver.get().executor().execute(() -> ran.set(Thread.currentThread()));
        receiver.get()
                .scheduler()
                .schedule(() -> receiver.get().backends(List.of(Backend.of("http://z:1"))), Duration.ofSeconds(1));

        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(ran.get()).isSameAs(Thread.currentThread());
        assertThat(receiver.get().timeSource()).isSameAs(fixture.time);
        assertThat(call(discovered, 10)).containsOnlyKeys("z:1");
    }

    @Test
    void discovery_onTheSystemsClock_mayBlockOnAThreadThatEndsWithThePool() throws Exception {
        AtomicReference<Thread> blocked = new AtomicReference<>();
        LoadBalancer discovered = LoadBalancers.builder("users")
                .discovery(receiver -> {
                    receiver.executor().execute(() -> {
                        blocked.set(Thread.currentThread());
                        LockSupport.park();
                    });
                    return () -> {};
                })
                .build();
        await().until(() -> blocked.get() != null);

        discovered.close();

        blocked.get().join();
        assertThat(blocked.get().getName()).isEqualTo("evenkeel-discovery");
        assertThat(blocked.get().isDaemon()).isTrue();
    }

    @Test
    void discovery_thatCannotStart_leavesNothingBehind() {
        assertThatThrownBy(() -> fixture.builder("http://a:1")
                        .discovery(receiver -> {
                            receiver.scheduler().schedule(() -> {}, Duration.ofSeconds(1));
                            throw new IllegalStateException("no such source");
                        })
                        .build())
                .hasMessage("no such source");

        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void listener_thatThrows_disturbsNobody() {
        LoadBalancer noisy = fixture.builder("http://a:1")
                .listener(event -> {
                    throw new IllegalStateException("listener");
                })
                .build();

        noisy.registry().add(Backend.of("http://b:1"));

        assertThat(call(noisy, 10)).containsOnlyKeys(A, B);
    }

    @Test
    void listener_thatChangesThePool_isCalledInOrder() {
        LoadBalancer self = fixture.builder("http://a:1").build();
        self.addListener(event -> {
            if (event instanceof BackendAdded added && added.backend().id().equals("c:1")) {
                self.registry().remove(A);
            }
        });

        self.registry().add(Backend.of("http://c:1"));

        assertThat(call(self, 4)).containsOnlyKeys("c:1");
    }

    private Lease leaseOn(String id) {
        while (true) {
            Lease lease = lease(pool);
            if (lease.backend().id().equals(id)) {
                return lease;
            }
            lease.complete(Outcome.SUCCESS);
        }
    }
}
