package dev.evenkeel.lb.core.internal.limit;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolFullException;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.Unavailable.Occupancy;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a pool does that has no room: by its own limit, and by its backends'. On virtual time. */
class AdmissionControllerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancer pool(LimitPolicy limits) {
        return fixture.builder("http://a", "http://b").limits(limits).build();
    }

    private static Backend small(String id, int most) {
        return Backend.builder("http://" + id).id(id).maxInFlight(most).build();
    }

    private static CompletableFuture<PickResult> queue(LoadBalancer pool) {
        return pool.acquireOrWait(RequestContext.NONE);
    }

    private static Lease granted(CompletableFuture<PickResult> waiting) {
        assertThat(waiting).isCompleted();
        return (Lease) waiting.join();
    }

    private static Unavailable refused(CompletableFuture<PickResult> waiting) {
        assertThat(waiting).isCompleted();
        return (Unavailable) waiting.join();
    }

    private static List<CompletableFuture<PickResult>> queue(LoadBalancer pool, int number) {
        List<CompletableFuture<PickResult>> waiting = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            waiting.add(queue(pool));
        }
        return waiting;
    }

    private static RequestContext triedAt(String... ids) {
        List<Backend> tried = new ArrayList<>();
        for (String id : ids) {
            tried.add(Backend.builder("http://" + id).id(id).build());
        }
        return RequestContext.NONE.withTried(tried);
    }

    // The limit of the pool.

    @Test
    void fullPool_byDefault_failsAtOnce_withTheNumbers() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(2));
        lease(pool);
        Lease second = lease(pool);

        assertThat(refusal(pool))
                .isEqualTo("pool \"users\" has no backend available: 2 backends; the pool is full;"
                        + " 2 of 2 calls in flight");
        Unavailable refused = refused(queue(pool));
        assertThat(refused.occupancy()).isEqualTo(new Occupancy(2, 2, 0, 0, Duration.ZERO));
        assertThat(NoBackendAvailableException.of(refused))
                .isInstanceOfSatisfying(
                        PoolFullException.class,
                        e -> assertThat(e.occupancy().limit()).isEqualTo(2));

        second.complete(Outcome.SUCCESS);
        lease(pool);
        assertThat(pool.snapshot().inFlight()).isEqualTo(2);
    }

    @Test
    void fullBackends_saySoWithTheirNumbers_withoutAnyPolicyToo() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1), small("b", 2)))
                .build();
        for (int i = 0; i < 3; i++) {
            lease(pool);
        }

        Unavailable refused = (Unavailable) pool.acquire(RequestContext.NONE);
        assertThat(refused.reasons()).containsOnly(java.util.Map.entry(Ineligibility.FULL, 2));
        assertThat(refused.occupancy()).isEqualTo(new Occupancy(3, 3, 0, 0, Duration.ZERO));
    }

    @Test
    void unavailableForAnotherReason_isNotFull() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(5, SECOND));
        pool.registry().maintenance("a:80");
        pool.registry().maintenance("b:80");

        Unavailable refused = refused(queue(pool));
        assertThat(refused.occupancy()).isNull();
        assertThat(NoBackendAvailableException.of(refused)).isNotInstanceOf(PoolFullException.class);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void pickThatFails_takesNoPlace() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1));
        for (int i = 0; i < 3; i++) {
            refusal(pool, triedAt("a:80", "b:80"));
        }
        lease(pool);
    }

    // The queue.

    @Test
    void queuedCalls_getRoomInTheOrderOfTheirComing() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(2).withQueue(10, SECOND));
        Lease one = lease(pool);
        Lease two = lease(pool);
        List<CompletableFuture<PickResult>> waiting = queue(pool, 4);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);

        one.complete(Outcome.SUCCESS);
        assertThat(waiting.get(0)).isCompleted();
        assertThat(waiting.subList(1, 4)).noneMatch(CompletableFuture::isDone);
        two.complete(Outcome.FAILED);
        assertThat(waiting.get(1)).isCompleted();
        granted(waiting.get(1)).complete(Outcome.CANCELLED);
        assertThat(waiting.get(2)).isCompleted();
        assertThat(waiting.get(3)).isNotDone();
        assertThat(pool.snapshot().inFlight()).isEqualTo(2);
    }

    @Test
    void newcomer_doesNotOvertakeThoseWhoWait() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1), small("b", 1)))
                .limits(LimitPolicy.none().withQueue(10, SECOND))
                .build();
        Lease one = lease(pool);
        lease(pool);
        CompletableFuture<PickResult> waiting = queue(pool);

        assertThat(refusal(pool))
                .isEqualTo("pool \"users\" has no backend available: 2 backends (2 full); 2 of 2 calls in flight,"
                        + " 1 of 10 queued");
        one.complete(Outcome.SUCCESS);
        assertThat(waiting).isCompleted();
        assertThat(refusal(pool)).contains("0 of 10 queued");
    }

    @Test
    void fullBackends_areWaitedFor_withoutALimitForThePool() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1), small("b", 1)))
                .limits(LimitPolicy.none().withQueue(10, SECOND))
                .build();
        Lease one = lease(pool);
        lease(pool);
        CompletableFuture<PickResult> waiting = queue(pool);

        one.complete(Outcome.SUCCESS);
        assertThat(granted(waiting).backend()).isEqualTo(one.backend());
    }

    @Test
    void fullQueue_failsAtOnce() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(2, SECOND));
        lease(pool);
        queue(pool, 2);

        Unavailable refused = refused(queue(pool));
        assertThat(refused.occupancy()).isEqualTo(new Occupancy(1, 1, 2, 2, Duration.ZERO));
        assertThat(refused.occupancy().mayWait()).isFalse();
        assertThat(refused.message()).endsWith("2 backends; the pool is full; 1 of 1 calls in flight, 2 of 2 queued");
    }

    @Test
    void waitThatLastsTooLong_ends_andSaysHowLongItWas() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(2, SECOND));
        Lease only = lease(pool);
        CompletableFuture<PickResult> waiting = queue(pool);
        fixture.time.advance(Duration.ofMillis(999));
        assertThat(waiting).isNotDone();
        fixture.time.advance(Duration.ofMillis(1));

        assertThat(refused(waiting).occupancy()).isEqualTo(new Occupancy(1, 1, 0, 2, SECOND));
        assertThat(refused(waiting).message()).endsWith("0 of 2 queued, waited PT1S");
        only.complete(Outcome.SUCCESS);
        lease(pool);
    }

    @Test
    void granted_leavesNoTimerBehind() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(2, SECOND));
        Lease only = lease(pool);
        int timers = fixture.time.pendingTimers();
        CompletableFuture<PickResult> waiting = queue(pool);
        assertThat(fixture.time.pendingTimers()).isEqualTo(timers + 1);

        only.complete(Outcome.SUCCESS);
        granted(waiting);
        assertThat(fixture.time.pendingTimers()).isEqualTo(timers);
    }

    @Test
    void cancelledWait_makesRoomInTheQueue_andIsPassedOver() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(2, SECOND));
        Lease only = lease(pool);
        int timers = fixture.time.pendingTimers();
        List<CompletableFuture<PickResult>> waiting = queue(pool, 2);
        assertThat(waiting.get(0).cancel(false)).isTrue();
        CompletableFuture<PickResult> third = queue(pool);
        assertThat(third).isNotDone();

        only.complete(Outcome.SUCCESS);
        granted(waiting.get(1)).complete(Outcome.SUCCESS);
        granted(third).complete(Outcome.SUCCESS);
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(fixture.time.pendingTimers()).isEqualTo(timers);
        lease(pool);
    }

    @Test
    void closedPool_tellsEverybodyWhoWaits() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(5, SECOND));
        Lease only = lease(pool);
        List<CompletableFuture<PickResult>> waiting = queue(pool, 3);
        pool.close();

        assertThat(waiting)
                .allSatisfy(one -> assertThat(refused(one).message())
                        .isEqualTo("pool \"users\" has no backend available: 2 backends; the pool is closed"));
        assertThat(refused(queue(pool)).occupancy()).isNull();
        only.complete(Outcome.SUCCESS);
    }

    @Test
    void newBackend_takesThoseWhoWait() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1)))
                .limits(LimitPolicy.none().withQueue(5, SECOND))
                .build();
        lease(pool);
        CompletableFuture<PickResult> waiting = queue(pool);
        CompletableFuture<PickResult> next = queue(pool);

        pool.registry().add(small("c", 1));
        assertThat(granted(waiting).backend().id()).isEqualTo("c");
        assertThat(next).isNotDone();
        pool.registry().replaceAll(List.of(small("a", 2), small("c", 1)));
        assertThat(granted(next).backend().id()).isEqualTo("a");
    }

    @Test
    void whoWaitsForBackendsThatGo_isToldAtOnce() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1)))
                .limits(LimitPolicy.none().withQueue(5, SECOND))
                .build();
        lease(pool);
        CompletableFuture<PickResult> waiting = queue(pool);

        pool.registry().maintenance("a");
        assertThat(refused(waiting).message())
                .isEqualTo("pool \"users\" has no backend available: 1 backend (1 in maintenance)");
    }

    @Test
    void whoCanOnlyUseAFullBackend_doesNotHoldUpTheOthers() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1), small("b", 1)))
                .limits(LimitPolicy.none().withQueue(5, SECOND))
                .build();
        lease(pool, triedAt("b"));
        Lease atB = lease(pool);
        CompletableFuture<PickResult> onlyForA = pool.acquireOrWait(triedAt("b"));
        CompletableFuture<PickResult> any = queue(pool);

        atB.complete(Outcome.SUCCESS);
        assertThat(onlyForA).isNotDone();
        assertThat(granted(any).backend().id()).isEqualTo("b");
    }

    @Test
    void newcomerThatCanUseWhatOthersCannot_doesNotWait() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(small("a", 1), small("b", 1)))
                .limits(LimitPolicy.none().withQueue(5, SECOND))
                .build();
        lease(pool, triedAt("b"));
        CompletableFuture<PickResult> onlyForA = pool.acquireOrWait(triedAt("b"));

        assertThat(granted(queue(pool)).backend().id()).isEqualTo("b");
        assertThat(onlyForA).isNotDone();
    }

    @Test
    void furtherAttempt_comesBeforeFirstOnes() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(5, SECOND));
        Lease only = lease(pool);
        CompletableFuture<PickResult> first = queue(pool);
        CompletableFuture<PickResult> further = pool.acquireOrWait(triedAt("a:80"));

        only.complete(Outcome.SUCCESS);
        assertThat(first).isNotDone();
        granted(further).complete(Outcome.SUCCESS);
        granted(first);
    }

    @Test
    void attemptAfterOneThatIsStillOut_takesItsPlaceOver() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(5, SECOND));
        Lease one = lease(pool);
        CompletableFuture<PickResult> waiting = queue(pool);
        Lease two = lease(pool, after(one, one.backend().id()));
        assertThat(two.backend()).isNotEqualTo(one.backend());

        one.complete(Outcome.SERVER_ERROR);
        assertThat(waiting).isNotDone();
        two.complete(Outcome.SUCCESS);
        granted(waiting).complete(Outcome.SUCCESS);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void attemptThatFindsNobodyElse_leavesThePlaceWhereItWas() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1));
        Lease one = lease(pool);
        refusal(pool, after(one, "a:80", "b:80"));
        assertThat(refusal(pool)).contains("1 of 1 calls in flight");

        one.complete(Outcome.SERVER_ERROR);
        lease(pool).complete(Outcome.SUCCESS);
    }

    private static RequestContext after(Lease previous, String... tried) {
        List<Backend> backends = triedAt(tried).tried();
        return new RequestContext() {
            @Override
            public List<Backend> tried() {
                return backends;
            }

            @Override
            public @Nullable Lease previous() {
                return previous;
            }
        };
    }

    @Test
    void thousandsWhoEndAtOnce_letEachOtherIn_withoutExhaustingTheStack() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(1).withQueue(20_000, SECOND));
        Lease only = lease(pool);
        AtomicInteger served = new AtomicInteger();
        for (CompletableFuture<PickResult> one : queue(pool, 20_000)) {
            CompletableFuture<Void> unused = one.thenAccept(result -> {
                served.incrementAndGet();
                ((Lease) result).complete(Outcome.SUCCESS);
            });
        }

        only.complete(Outcome.SUCCESS);
        assertThat(served).hasValue(20_000);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void contextThatThrows_isToldSo_andHoldsNobodyUp() {
        LoadBalancer pool = fixture.builder("http://a", "http://b")
                .strategy(Strategies.consistentHash())
                .limits(LimitPolicy.maxInFlight(1).withQueue(5, SECOND))
                .build();
        Lease only = lease(pool);
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<PickResult> broken = pool.acquireOrWait(new RequestContext() {
            @Override
            public List<Backend> tried() {
                if (asked.incrementAndGet() > 3) {
                    throw new IllegalStateException("no longer");
                }
                return List.of();
            }
        });
        CompletableFuture<PickResult> next = queue(pool);

        only.complete(Outcome.SUCCESS);
        assertThat(refused(broken).detail()).contains("no longer");
        granted(next).complete(Outcome.SUCCESS);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    // The policy.

    @Test
    void policy_refusesWhatIsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitPolicy.maxInFlight(0))
                .withMessage("pool's maxInFlight must be at least 1: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitPolicy.none().withQueue(-1, SECOND))
                .withMessage("queueSize must be 0..1000000: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LimitPolicy.none().withQueue(1, Duration.ZERO))
                .withMessage("queueTimeout must be 1 ms to 1 h: PT0S");
    }
}
