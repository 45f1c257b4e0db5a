package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadReading;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A session that is bound to a backend meets it for as long as that makes sense, and a drain has an end all the same. */
class DrainsTest {
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final RequestContext BOUND = RequestContext.NONE.withBoundBackend(A);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancerBuilder two() {
        return fixture.builder("http://a:1", "http://b:1").strategy(Strategies.roundRobin());
    }

    private static String id(LoadBalancer pool) {
        Lease lease = lease(pool, BOUND);
        lease.complete(Outcome.SUCCESS);
        return lease.backend().id();
    }

    private static void assertMeets(LoadBalancer pool, String id) {
        for (int i = 0; i < 4; i++) {
            assertThat(id(pool)).isEqualTo(id);
        }
    }

    @Test
    void session_meetsItsBackend_underEveryStrategy() {
        for (String strategy : List.of("adaptive", "random", "consistentHash", "resourceBased", "powerOfTwo")) {
            LoadBalancer pool = two().strategy(Strategies.byName(strategy)).build();
            for (int i = 0; i < 20; i++) {
                assertThat(id(pool)).as(strategy).isEqualTo(A);
            }
            assertThat(status(pool, A).count(Outcome.SUCCESS)).isEqualTo(20);
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void session_meetsADrainingBackend_andNobodyElseDoes() {
        LoadBalancer pool = two().build();
        assertMeets(pool, A);

        CompletableFuture<DrainReport> drained = pool.registry().drain(A).toCompletableFuture();

        assertMeets(pool, A);
        assertThat(call(pool, 10)).containsOnlyKeys(B);
        assertThat(drained).isNotDone();
    }

    @Test
    void drain_endsWhenTheSessionsStayAway_andIsFinal() {
        LoadBalancer pool = two().sessionIdleTimeout(Duration.ofSeconds(10)).build();
        assertMeets(pool, A);
        CompletableFuture<DrainReport> drained = pool.registry().drain(A).toCompletableFuture();
        for (int i = 0; i < 5; i++) {
            fixture.time.advance(Duration.ofSeconds(9));
            assertThat(drained).isNotDone();
            assertMeets(pool, A);
        }

        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(drained.join()).isEqualTo(new DrainReport(status(pool, A).backend(), 0, 0, Duration.ofSeconds(55)));
        assertMeets(pool, B);
        assertThat(fixture.events(DrainEnded.class)).hasSize(1);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void drain_withoutSessions_endsWithTheLastCall() {
        LoadBalancer pool = two().build();

        assertThat(pool.registry().drain(A).toCompletableFuture()).isCompleted();

        assertMeets(pool, B);
    }

    /** As nginx's {@code drain} and Traefik's sticky sessions on a server of weight 0: bound requests reach it to the end. */
    @Test
    void drainUntilItsDeadline_letsSessionsInThatThisProcessHasNotSeen_howeverIdleItIs() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();
        DrainPolicy nginx = DrainPolicy.of(Duration.ofDays(30)).withUntilDeadline(true);

        CompletableFuture<DrainReport> done =
                pool.registry().drain("a:1", nginx).toCompletableFuture();
        assertThat(PoolFixture.call(pool, 20)).containsOnlyKeys("b:1");
        fixture.time.advance(Duration.ofDays(29));
        assertMeets(pool, "a:1");
        fixture.time.advance(Duration.ofHours(23));
        assertMeets(pool, "a:1");
        assertThat(done).isNotDone();

        fixture.time.advance(Duration.ofHours(1));
        assertThat(done).isCompletedWithValueMatching(DrainReport::isComplete);
        assertThat(lease(pool, RequestContext.NONE.withBoundBackend("a:1"))
                        .backend()
                        .id())
                .isEqualTo("b:1");
    }

    @Test
    void removalOfAPoolThatDrainsUntilTheDeadline_keepsTheBackendForItsSessions() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .drains(DrainPolicy.of(Duration.ofMinutes(10)).withUntilDeadline(true))
                .build();
        CompletableFuture<DrainReport> left = pool.registry().remove("a:1").toCompletableFuture();
        fixture.time.advance(Duration.ofMinutes(9));
        assertMeets(pool, "a:1");
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(left).isDone();
        assertThat(pool.snapshot().backends()).hasSize(1);
    }

    @Test
    void drainUntilItsDeadline_isCalledOffAndReplacedLikeOthers() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();
        DrainPolicy untilTheDeadline = DrainPolicy.of(Duration.ofDays(30)).withUntilDeadline(true);
        int timers = fixture.time.pendingTimers();
        CompletableFuture<DrainReport> first =
                pool.registry().drain("a:1", untilTheDeadline).toCompletableFuture();
        CompletableFuture<DrainReport> second =
                pool.registry().drain("a:1", DrainPolicy.defaults()).toCompletableFuture();
        assertThat(first).isDone();
        assertThat(second).isDone();
        CompletableFuture<DrainReport> third =
                pool.registry().drain("a:1", untilTheDeadline).toCompletableFuture();
        pool.registry().activate("a:1");
        assertThat(third).isDone();
        assertThat(PoolFixture.call(pool, 20)).containsOnlyKeys("a:1", "b:1");
        assertThat(fixture.time.pendingTimers()).isEqualTo(timers);
    }

    @Test
    void drain_waitsForNoSession_ifNoneIsWaitedFor() {
        LoadBalancer pool = two().sessionIdleTimeout(Duration.ZERO).build();
        Lease last = lease(pool, BOUND);
        CompletableFuture<DrainReport> drained = pool.registry().drain(A).toCompletableFuture();
        assertMeets(pool, A);

        last.complete(Outcome.SUCCESS);

        assertThat(drained).isCompleted();
        assertMeets(pool, B);
    }

    @Test
    void drain_endsAtItsDeadline_whoeverStillComes() {
        LoadBalancer pool = two().build();
        CompletableFuture<DrainReport> drained;
        Lease stream = lease(pool, BOUND);
        drained = pool.registry().drain(A, Duration.ofSeconds(30)).toCompletableFuture();
        for (int i = 0; i < 29; i++) {
            fixture.time.advance(SECOND);
            assertMeets(pool, A);
        }

        fixture.time.advance(SECOND);

        assertThat(drained.join().remaining()).isEqualTo(1);
        assertMeets(pool, B);
        stream.complete(Outcome.SUCCESS);
        assertThat(status(pool, A).inFlight()).isZero();
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void drain_thatHasEnded_staysSo_whenItIsAskedForAgain() {
        LoadBalancer pool = two().build();
        assertThat(pool.registry().drain(A).toCompletableFuture()).isCompleted();

        assertThat(pool.registry().drain(A).toCompletableFuture()).isCompleted();
        assertMeets(pool, B);

        pool.registry().activate(A);
        assertMeets(pool, A);
    }

    @Test
    void undrain_losesNoSession() {
        LoadBalancer pool = two().build();
        assertMeets(pool, A);
        CompletableFuture<DrainReport> drained = pool.registry().drain(A).toCompletableFuture();
        assertMeets(pool, A);

        pool.registry().activate(A);

        assertThat(drained).isCompleted();
        assertMeets(pool, A);
        assertThat(call(pool, 10)).containsOnlyKeys(A, B);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void removal_isADrainForSessions() {
        LoadBalancer pool = two().sessionIdleTimeout(Duration.ofSeconds(10)).build();
        assertMeets(pool, A);
        pool.registry().replaceAll(List.of(Backend.of("http://b:1")));
        fixture.time.advance(Duration.ofSeconds(9));
        assertMeets(pool, A);
        assertThat(call(pool, 10)).containsOnlyKeys(B);

        fixture.time.advance(Duration.ofSeconds(10));

        assertMeets(pool, B);
        assertThat(fixture.events(BackendRemoved.class)).hasSize(1);
        pool.registry().add(Backend.of("http://a:1"));
        assertMeets(pool, A);
    }

    @Test
    void bindingOfANewSession_countsForTheDrain_beforeItsSecondRequest() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        Lease first = lease(pool);
        first.bind();
        first.complete(Outcome.SUCCESS);

        CompletionStage<DrainReport> drained = pool.registry().drain(A);

        assertThat(drained.toCompletableFuture()).isNotDone();
        assertMeets(pool, A);
    }

    @Test
    void maintenance_movesSessionsAtOnce() {
        LoadBalancer pool = two().build();
        assertMeets(pool, A);

        pool.registry().maintenance(A);

        assertMeets(pool, B);
    }

    @Test
    void backendThatIsDown_losesItsSessions_evenWhileItDrains() {
        AtomicReference<HealthResult> health = new AtomicReference<>(HealthResult.healthy(""));
        LoadBalancer pool = two().healthCheck((backend, timeout) -> CompletableFuture.completedFuture(
                        backend.id().equals(A) ? health.get() : HealthResult.healthy("")))
                .build();
        fixture.time.advance(SECOND);
        assertMeets(pool, A);
        pool.registry().drain(A);
        assertMeets(pool, A);

        health.set(HealthResult.unhealthy("gone"));
        fixture.time.advance(Duration.ofMinutes(1).minus(SECOND));

        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertMeets(pool, B);
    }

    @Test
    void fullBackend_isNotOverfilledBySessions() {
        LoadBalancer pool = fixture.builder("http://b:1")
                .backend(Backend.builder("http://a:1").maxInFlight(1).build())
                .build();
        Lease only = lease(pool, BOUND);
        assertMeets(pool, B);

        pool.registry().drain(A);
        assertMeets(pool, B);
        only.complete(Outcome.SUCCESS);
        assertMeets(pool, A);
    }

    @Test
    void triedBackend_isNotTriedAgain_thoughBound() {
        LoadBalancer pool = two().build();

        assertThat(lease(pool, BOUND.withTried(List.of(Backend.of("http://a:1"))))
                        .backend()
                        .id())
                .isEqualTo(B);
    }

    @Test
    void openBreaker_sendsSessionsElsewhere() {
        LoadBalancer pool = two().circuitBreaker(
                        BreakerPolicy.builder().windowSize(10).minCalls(4).build())
                .build();
        for (int i = 0; i < 4; i++) {
            lease(pool, BOUND).complete(Outcome.SERVER_ERROR);
        }

        assertMeets(pool, B);
    }

    @Test
    void unknownBackend_bindsNothing() {
        LoadBalancer pool = two().build();
        RequestContext stranger = RequestContext.NONE.withBoundBackend("z:1");

        assertThat(List.of(
                        lease(pool, stranger).backend().id(),
                        lease(pool, stranger).backend().id()))
                .containsExactlyInAnyOrder(A, B);
    }

    @Test
    void session_staysOnAStandbyBackend_whenTheFirstTierIsBack() {
        LoadBalancer pool = fixture.builder("http://b:1")
                .backend(Backend.builder("http://a:1").priority(1).build())
                .build();
        assertThat(call(pool, 4)).containsOnlyKeys(B);

        assertMeets(pool, A);
    }

    @Test
    void closedPool_refusesSessionsToo() {
        LoadBalancer pool = two().build();
        assertMeets(pool, A);
        pool.registry().drain(A);
        pool.close();

        assertThat(refusal(pool, BOUND)).endsWith("the pool is closed");
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void agentThatAsksForNoWeight_keepsItsSessions() {
        LoadBalancer pool = two().loadReports((backend, timeout) -> CompletableFuture.completedFuture(
                        new LoadReading(null, backend.id().equals(A) ? 0 : 100, null, null, null, "")))
                .build();
        fixture.time.advance(Duration.ofSeconds(5));

        assertThat(call(pool, 4)).isEqualTo(Map.of(B, 4));
        assertMeets(pool, A);
    }

    @Test
    void badPause_isRefused() {
        assertThatThrownBy(() -> two().sessionIdleTimeout(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sessionIdleTimeout must be PT0S to PT24H: PT-1S");
        assertThatThrownBy(() -> two().sessionIdleTimeout(Duration.ofDays(2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** On the real clock, where a snapshot may follow a change a moment later. */
    @Test
    void removal_isComplete_whenTheSnapshotNoLongerListsTheBackend() {
        try (LoadBalancer pool =
                LoadBalancers.builder("users").backends("http://10.0.0.1:80").build()) {
            for (int i = 0; i < 300; i++) {
                Backend joining = Backend.of("http://10.0.0.2:" + (1_000 + i));
                pool.registry().add(joining);
                pool.registry().remove(joining.id()).toCompletableFuture().join();
                assertThat(pool.snapshot().backends())
                        .extracting(status -> status.backend().id())
                        .containsExactly("10.0.0.1:80");
            }
        }
    }

    @Test
    void drainThatWaits_causesNoSnapshot_untilItEnds() {
        LoadBalancer pool = two().sessionIdleTimeout(Duration.ofSeconds(10)).build();
        assertMeets(pool, A);
        long before = pool.snapshot().version();
        CompletableFuture<DrainReport> drained = pool.registry().drain(A).toCompletableFuture();
        long version = pool.snapshot().version();
        assertThat(version).isEqualTo(before + 1);
        Lease one = lease(pool, BOUND);
        assertMeets(pool, A);
        one.complete(Outcome.SUCCESS);
        fixture.time.advance(Duration.ofSeconds(9));
        assertMeets(pool, A);
        fixture.time.advance(Duration.ofSeconds(9));
        assertThat(drained).isNotDone();
        assertThat(pool.snapshot().version()).isEqualTo(version);

        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(drained).isDone();
        assertThat(pool.snapshot().version()).isEqualTo(version + 1);
    }

    @Test
    void callThatEndsAfterTheDrain_causesNoSnapshot() {
        LoadBalancer pool = two().build();
        Lease stream = lease(pool, BOUND);
        CompletableFuture<DrainReport> drained =
                pool.registry().drain(A, DrainPolicy.of(SECOND)).toCompletableFuture();
        fixture.time.advance(SECOND);
        assertThat(drained.join().remaining()).isEqualTo(1);
        long version = pool.snapshot().version();
        stream.complete(Outcome.SUCCESS);
        assertThat(pool.snapshot().version()).isEqualTo(version);
    }
}
