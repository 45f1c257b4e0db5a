package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoverySubscriptionTest {

    @Test
    void build_waitsForTheFirstList() {
        BackendDiscovery slow = receiver -> {
            receiver.executor().execute(() -> {
                receiver.error(new IllegalStateException("not yet"));
                receiver.backends(List.of());
                receiver.backends(List.of(Backend.of("http://a:1")));
            });
            return () -> {};
        };
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(slow)
                .initialDiscoveryTimeout(Duration.ofHours(1))
                .build()) {
            assertThat(call(pool, 10)).containsOnlyKeys("a:1");
        }
    }

    @Test
    void build_withBackendsOfItsOwn_doesNotWait() {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends("http://a:1")
                .discovery(this::silent)
                .initialDiscoveryTimeout(Duration.ofHours(1))
                .build()) {
            assertThat(call(pool, 10)).containsOnlyKeys("a:1");
        }
    }

    @Test
    void build_waitsNoLongerThanItIsTold() {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(this::silent)
                .initialDiscoveryTimeout(Duration.ofMillis(1))
                .build()) {
            assertThat(PoolFixture.refusal(pool)).contains("no backends");
        }
    }

    @Test
    void build_thatIsInterrupted_waitsNoLonger() {
        Thread.currentThread().interrupt();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(this::silent)
                .initialDiscoveryTimeout(Duration.ofHours(1))
                .build()) {
            assertThat(Thread.interrupted()).isTrue();
            assertThat(pool.snapshot().backends()).isEmpty();
        }
    }

    @Test
    void sourceThatFailsOnItsClose_keepsNothingElseOpen() {
        PoolFixture fixture = new PoolFixture();
        LoadBalancer pool = fixture.builder("http://a:1")
                .discovery(receiver -> {
                    receiver.scheduler().schedule(() -> {}, Duration.ofHours(1));
                    return () -> {
                        throw new IllegalStateException("closed twice");
                    };
                })
                .build();

        try (LogLines log = new LogLines("discovery failed on its close")) {
            pool.close();
            assertThat(log.lines()).containsExactly("WARNING pool users: discovery failed on its close");
        }

        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void errorThatEndsTheMachine_isPassedOn_afterThePoolIsWhole() {
        PoolFixture fixture = new PoolFixture();
        List<Set<String>> heard = new ArrayList<>();
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .discovery(receiver -> {
                    receiver.watchUnavailable(out -> {
                        throw new OutOfMemoryError("none left");
                    });
                    receiver.watchUnavailable(heard::add);
                    return () -> {
                        throw new OutOfMemoryError("none left");
                    };
                })
                .build();
        assertThatThrownBy(() -> pool.registry().maintenance("a:1")).isInstanceOf(OutOfMemoryError.class);
        assertThat(heard).containsExactly(Set.of("a:1"));

        BackendDiscovery next = receiver -> {
            receiver.backends(List.of(Backend.of("http://c:1")));
            return () -> {
                throw new OutOfMemoryError("none left");
            };
        };
        assertThatThrownBy(() -> LoadBalancers.builder("users").discovery(next).applyTo(pool))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(call(pool, 4)).as("the next source runs").containsOnlyKeys("c:1");

        assertThatThrownBy(pool::close).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.snapshot().closed()).isTrue();
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void sourceThatStartsWhileThePoolIsClosed_isClosed() {
        PoolFixture fixture = new PoolFixture();
        LoadBalancer pool = fixture.builder("http://a:1").build();
        AtomicInteger closed = new AtomicInteger();

        fixture.builder("http://a:1")
                .discovery(receiver -> {
                    pool.close();
                    return closed::incrementAndGet;
                })
                .applyTo(pool);

        assertThat(closed).hasValue(1);
    }

    @Test
    void taskOfASource_afterTheClose_isDropped() {
        AtomicReference<BackendDiscovery.Receiver> receiver = new AtomicReference<>();
        AtomicInteger runs = new AtomicInteger();
        LoadBalancer pool = LoadBalancers.builder("users")
                .backends("http://a:1")
                .discovery(given -> {
                    receiver.set(given);
                    return () -> {};
                })
                .build();
        pool.close();
        receiver.get().executor().execute(runs::incrementAndGet);
        assertThat(runs).hasValue(0);
    }

    /** A pool whose discovery is this test. */
    private static final class Driven implements AutoCloseable {
        private final PoolFixture fixture = new PoolFixture();
        private BackendDiscovery.Receiver receiver;
        private int closed;
        private final LoadBalancer pool =
                fixture.builder().discovery(this::start).build();

        private BackendDiscovery.Watch start(BackendDiscovery.Receiver given) {
            receiver = given;
            return () -> closed++;
        }

        void lists(String... uris) {
            receiver.backends(Arrays.stream(uris).map(Backend::of).toList());
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    @Test
    void sourceThatKeepsFailing_isToldOnceForEachFault_andOneLineAMinute() {
        try (LogLines log = new LogLines("discovery");
                Driven driven = new Driven()) {
            driven.lists("http://a:1", "http://b:1");
            assertThat(log.lines()).isEmpty();
            driven.receiver.error(new IOException("no route"));
            driven.receiver.error(new IOException("no route"));
            driven.lists();
            assertThat(driven.fixture.events(DiscoveryFailed.class))
                    .extracting(event -> event.cause().getMessage())
                    .containsExactly("no route", "discovery found no backends; the last good list stays");
            assertThat(driven.pool.snapshot().backends()).hasSize(2);
            driven.lists("http://a:1");
            driven.lists("http://a:1");
            assertThat(log.lines()).hasSize(1);
            driven.fixture.time.advance(Duration.ofHours(1));
            driven.receiver.error(new UnsupportedOperationException("never"));
            driven.receiver.error(new IOException("no route"));
            assertThat(driven.fixture.events(DiscoveryFailed.class))
                    .as("another outage")
                    .hasSize(4);
            assertThat(log.lines())
                    .containsExactly(
                            "WARNING pool users: discovery failed: no route; the last list stays, with 2 backends",
                            "INFO pool users: discovery works again, with 1 backend",
                            "WARNING pool users: discovery failed: java.lang.UnsupportedOperationException: never;"
                                    + " the last list stays, with 1 backend");
        }
    }

    @Test
    void sourceThatFailsWithEverNewTexts_isToldEightTimes_untilItWorks() {
        try (Driven driven = new Driven()) {
            for (int outage = 1; outage <= 2; outage++) {
                driven.lists("http://a:1");
                for (int i = 0; i < 100; i++) {
                    driven.receiver.error(new IOException("query " + i + " has failed"));
                    driven.fixture.time.advance(Duration.ofSeconds(1));
                }
                assertThat(driven.fixture.events(DiscoveryFailed.class)).hasSize(8 * outage);
            }
        }
    }

    /** The only backend, or an entry beside others, comes and goes fifty times a second for three minutes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sourceThatFlaps_isOneLineAMinute(boolean isWhole) {
        try (LogLines log = new LogLines("pool users");
                Driven driven = new Driven()) {
            driven.lists("http://a:1", "http://b:1");
            for (int i = 0; i < 3 * 60 * 25; i++) {
                if (isWhole) {
                    driven.lists();
                } else {
                    driven.receiver.ambientError(new IOException("1 of 3 entries is left out"));
                }
                driven.fixture.time.advance(Duration.ofMillis(20));
                driven.lists("http://a:1", "http://b:1");
                driven.fixture.time.advance(Duration.ofMillis(20));
            }
            assertThat(log.lines()).hasSizeBetween(3, 4).allMatch(line -> line.startsWith("WARNING pool users: disc"));
            assertThat(log.lines().get(0))
                    .isEqualTo(
                            isWhole
                                    ? "WARNING pool users: discovery failed: discovery found no backends; the last good"
                                            + " list stays; the last list stays, with 2 backends"
                                    : "WARNING pool users: discovery failed in part: 1 of 3 entries is left out; the"
                                            + " pool has 2 backends");
            if (!isWhole) {
                assertThat(driven.fixture.events(DiscoveryFailed.class)).hasSizeBetween(3, 4);
            }
        }
    }

    @Test
    void ageOfTheList_isCountedFromTheLatestThatWasOfUse() {
        try (Driven driven = new Driven()) {
            assertThat(driven.pool.figures().discoveryAgeNanos()).isEqualTo(-1);
            driven.lists("http://a:1");
            assertThat(driven.pool.figures().discoveryAgeNanos()).isZero();
            driven.fixture.time.advance(Duration.ofSeconds(3));
            driven.lists();
            driven.lists("http://a:1", "http://a:1");
            assertThat(driven.pool.figures().discoveryAgeNanos()).isEqualTo(3_000_000_000L);
            driven.lists("http://a:1");
            assertThat(driven.pool.figures().discoveryAgeNanos()).isZero();
        }
    }

    @Test
    void listAfterTheClose_isIgnored() {
        Driven driven = new Driven();
        driven.close();
        driven.close();
        assertThat(driven.closed).as("once").isEqualTo(1);
        driven.lists("http://a:1");
        assertThat(driven.pool.snapshot().backends()).isEmpty();
        assertThat(driven.fixture.events(DiscoveryFailed.class)).isEmpty();
        assertThat(driven.pool.figures().discoveryAgeNanos()).isEqualTo(-1);
    }

    @Test
    void listOfAFormerSource_isIgnoredAfterAReload_andTheSourceIsClosed() {
        try (Driven driven = new Driven()) {
            driven.lists("http://a:1");
            BackendDiscovery.Receiver former = driven.receiver;
            LoadBalancers.builder("users").discovery(driven::start).applyTo(driven.pool);
            assertThat(driven.closed).isEqualTo(1);
            former.backends(List.of(Backend.of("http://b:1")));
            assertThat(call(driven.pool, 4)).containsOnlyKeys("a:1");
            driven.lists("http://c:1");
            assertThat(call(driven.pool, 4)).containsOnlyKeys("c:1");
        }
    }

    /** The configuration is in force then, so its source has to be, too. */
    @Test
    void reloadDuringWhichMemoryRunsOut_stillTurnsToTheNewSource() {
        try (Driven driven = new Driven()) {
            LoadBalancerBuilder next = LoadBalancers.builder("users")
                    .discovery(driven::start)
                    .strategy(context -> {
                        if (context.candidates().isEmpty()) {
                            return Strategies.roundRobin().newPicker(context);
                        }
                        throw new OutOfMemoryError("a test's");
                    });
            driven.lists("http://a:1");
            BackendDiscovery.Receiver former = driven.receiver;
            assertThatThrownBy(() -> next.applyTo(driven.pool)).isInstanceOf(OutOfMemoryError.class);

            assertThat(driven.closed).isEqualTo(1);
            assertThat(driven.receiver).isNotSameAs(former);
        }
    }

    @Test
    void receiver_saysWhetherAnEmptyListIsHonoured_andLendsThePoolsRandomness() {
        try (Driven driven = new Driven()) {
            assertThat(driven.receiver.honoursEmpty()).isFalse();
            assertThat(driven.receiver.random()).isNotNull();
            assertThat(driven.receiver.executor()).isNotNull();
            LoadBalancers.builder("users")
                    .discovery(driven::start)
                    .honourEmptyDiscovery(true)
                    .applyTo(driven.pool);
            assertThat(driven.receiver.honoursEmpty()).isTrue();
            driven.lists("http://a:1");
            driven.lists();
            assertThat(driven.pool.snapshot().backends()).isEmpty();
            assertThat(driven.fixture.events(DiscoveryFailed.class)).isEmpty();
        }
    }

    @Test
    void backendsThatAreOut_areTold_oncePerChange_toEachListener_whateverAnotherDoes() {
        try (Driven driven = new Driven()) {
            List<Set<String>> heard = new ArrayList<>();
            driven.receiver.watchUnavailable(out -> {
                throw new IllegalStateException("bug");
            });
            LogLines log = new LogLines("failed on the backends that are out");
            driven.receiver.watchUnavailable(heard::add);
            driven.lists("http://a:1", "http://b:1", "http://c:1");
            driven.pool.registry().setWeight("a:1", 3);
            assertThat(heard).isEmpty();

            driven.pool.registry().maintenance("b:1");
            driven.pool.registry().setWeight("a:1", 4);
            driven.pool.registry().drain("c:1");
            driven.pool.registry().activate("b:1");
            assertThat(heard).containsExactly(Set.of("b:1"), Set.of("b:1", "c:1"), Set.of("c:1"));
            assertThat(log.lines()).contains("WARNING pool users: discovery failed on the backends that are out");
            log.close();

            Lease held = lease(driven.pool);
            driven.pool.registry().remove("c:1");
            assertThat(heard).last().isEqualTo(Set.of());
            held.complete(Outcome.SUCCESS);
        }
    }

    @Test
    void backendThatAwaitsItsFirstCheck_isNotToldAsOut() {
        PoolFixture fixture = new PoolFixture();
        List<Set<String>> heard = new ArrayList<>();
        boolean[] healthy = {true};
        try (LoadBalancer pool = fixture.builder()
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                healthy[0] ? HealthResult.healthy("up") : HealthResult.unhealthy("no")))
                        .initialState(HealthState.DOWN)
                        .build())
                .discovery(receiver -> {
                    receiver.watchUnavailable(heard::add);
                    receiver.backends(List.of(Backend.of("http://a:1"), Backend.of("http://b:1")));
                    return () -> {};
                })
                .build()) {
            fixture.time.advance(Duration.ofSeconds(1));
            assertThat(heard).isEmpty();
            healthy[0] = false;
            fixture.time.advance(Duration.ofMinutes(1));
            assertThat(heard).last().isEqualTo(Set.of("a:1", "b:1"));
            assertThat(pool.snapshot().backends()).hasSize(2);
        }
    }

    @Test
    void wait_outOfRange_isRefused() {
        assertThatThrownBy(() -> LoadBalancers.builder("users").initialDiscoveryTimeout(Duration.ofSeconds(-1)))
                .hasMessage("initialDiscoveryTimeout must be PT0S to PT1H: PT-1S");
    }

    private BackendDiscovery.Watch silent(BackendDiscovery.Receiver receiver) {
        return () -> {};
    }
}
