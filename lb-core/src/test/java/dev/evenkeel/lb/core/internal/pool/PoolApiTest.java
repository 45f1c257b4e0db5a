package dev.evenkeel.lb.core.internal.pool;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a pool says of itself, whom it tells, and how its permits go from hand to hand. */
class PoolApiTest {
    private final PoolFixture fixture = new PoolFixture();

    @Test
    void pool_saysItsName_itsStrategy_andItsConfiguration() {
        LoadBalancer pool =
                fixture.builder("http://a:1").strategy(Strategies.random()).build();

        assertThat(pool).hasToString("LoadBalancer[users]");
        assertThat(pool.strategyName()).isEqualTo("random");
        assertThat(((Pool) pool).config().strategy()).isEqualTo(Strategies.random());
        assertThat(((Pool) pool).current().closed()).isFalse();
    }

    @Test
    void figures_areThoseOfItsCalls() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .limits(LimitPolicy.maxInFlight(1).withQueue(5, Duration.ofSeconds(10)))
                .build();
        for (int i = 0; i < 2_000; i++) {
            Lease lease = lease(pool);
            fixture.time.advance(Duration.ofMillis(i % 20 == 0 ? 40 : 10));
            lease.complete(Outcome.SUCCESS);
        }
        PoolFigures figures = pool.figures();
        assertThat(figures.latencyNanos()).isBetween(5e6, 45e6);
        assertThat(figures.latencyP95Nanos()).isBetween(5e6, 45e6);
        assertThat(figures.latencyGapNanos()).isPositive();
        assertThat(figures.calmness()).isPositive();
        assertThat(figures.queued()).isZero();

        lease(pool);
        CompletableFuture<PickResult> first =
                pool.acquireOrWait(RequestContext.NONE).toCompletableFuture();
        assertThat(first).isNotDone();
        assertThat(figures.queued()).isEqualTo(1);
        assertThat(figures.faults()).isZero();
    }

    @Test
    void figures_withoutALimit_haveNoQueue() {
        assertThat(fixture.builder("http://a:1").build().figures().queued()).isZero();
    }

    @Test
    void listener_hearsUntilItIsRemoved() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        List<LoadBalancerEvent> heard = new ArrayList<>();
        LoadBalancerListener listener = heard::add;
        pool.addListener(listener);
        pool.registry().add(Backend.of("http://b:1"));
        assertThat(heard).hasSize(1).first().isInstanceOf(BackendAdded.class);

        pool.removeListener(listener);
        pool.registry().add(Backend.of("http://c:1"));
        assertThat(heard).hasSize(1);
    }

    @Test
    void observer_hearsOfAttempts_andOfEndsOfCalls_untilItIsRemoved() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        List<String> heard = new ArrayList<>();
        AttemptObserver observer = new AttemptObserver() {
            @Override
            public void attemptStarted(Backend backend, AttemptKind kind) {
                heard.add("started " + backend.id());
            }

            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                heard.add(outcome + " " + backend.id() + " " + latencyNanos);
            }

            @Override
            public void callEnded(CallOutcome outcome, long durationNanos) {
                heard.add(outcome + " " + durationNanos);
            }
        };
        assertThat(pool.isObserved()).isFalse();
        pool.addObserver(observer);
        assertThat(pool.isObserved()).isTrue();
        Lease lease = lease(pool);
        fixture.time.advance(Duration.ofNanos(7));
        lease.complete(Outcome.SUCCESS);
        pool.callEnded(AttemptObserver.CallOutcome.SUCCESS, 9);
        assertThat(heard).containsExactly("started a:1", "SUCCESS a:1 7", "SUCCESS 9");

        pool.removeObserver(observer);
        assertThat(pool.isObserved()).isFalse();
        lease(pool).complete(Outcome.SUCCESS);
        assertThat(heard).hasSize(3);
    }

    @Test
    void lease_completesOnce_withALimitToo() {
        LoadBalancer pool =
                fixture.builder("http://a:1").limits(LimitPolicy.maxInFlight(1)).build();
        Lease lease = lease(pool);
        assertThat(pool.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);

        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        assertThat(lease.complete(Outcome.SUCCESS)).isFalse();
        Lease next = lease(pool);
        assertThat(pool.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);
        next.complete(Outcome.SUCCESS);
    }

    // Permits.

    /** The request of a further attempt. */
    private static RequestContext after(Lease first) {
        return after(first, backend -> true);
    }

    private static RequestContext after(Lease first, Predicate<Backend> permitted) {
        return new RequestContext() {
            @Override
            public Lease previous() {
                return first;
            }

            @Override
            public Predicate<Backend> permitted() {
                return permitted;
            }
        };
    }

    @Test
    void permit_goesOverToTheNextAttempt_andNotToAnotherPool() {
        LoadBalancer one = fixture.builder("http://a:1", "http://b:1")
                .limits(LimitPolicy.maxInFlight(1))
                .build();
        LoadBalancer other = fixture.builder("http://c:1", "http://d:1")
                .limits(LimitPolicy.maxInFlight(1))
                .build();
        Lease first = lease(one);
        Lease elsewhere = lease(other, after(first));
        assertThat(one.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);

        Lease second = lease(one, after(first));
        first.complete(Outcome.FAILED);
        assertThat(one.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);
        second.complete(Outcome.SUCCESS);
        assertThat(one.acquire(RequestContext.NONE)).isInstanceOf(Lease.class);
        elsewhere.complete(Outcome.SUCCESS);
    }

    /** The application's code ends the first attempt in the middle of the second pick, which finds no backend. */
    @Test
    void permitTakenBackByAnAttemptThatHasEnded_isReleased() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .limits(LimitPolicy.maxInFlight(1))
                .build();
        Lease first = lease(pool);
        PickResult second = pool.acquire(after(first, backend -> {
            first.complete(Outcome.FAILED);
            return false;
        }));

        assertThat(second).isNotInstanceOf(Lease.class);
        assertThat(pool.acquire(RequestContext.NONE)).isInstanceOf(Lease.class);
    }

    /** Its permit went to the second attempt, but a backend with a limit of its own has room again. */
    @Test
    void endOfAnAttemptWithoutPermit_admitsACallThatWaitsForItsBackend() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(1).build())
                .backend(Backend.builder("http://b:1").maxInFlight(1).build())
                .limits(LimitPolicy.maxInFlight(10).withQueue(5, Duration.ofSeconds(10)))
                .build();
        Lease first = lease(pool);
        lease(pool, after(first));
        CompletableFuture<PickResult> waits =
                pool.acquireOrWait(RequestContext.NONE).toCompletableFuture();
        assertThat(waits).isNotDone();

        first.complete(Outcome.FAILED);

        assertThat(waits).isCompletedWithValueMatching(result -> result instanceof Lease);
    }

    @Test
    void callThatWaitsForAFullBackend_doesNotHoldUpTheOneBehindIt() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(1).build())
                .backend(Backend.builder("http://b:1").maxInFlight(1).build())
                .limits(LimitPolicy.maxInFlight(10).withQueue(5, Duration.ofSeconds(10)))
                .build();
        Lease one = lease(pool);
        Lease other = lease(pool);
        CompletableFuture<PickResult> particular = pool.acquireOrWait(
                        RequestContext.NONE.withTried(List.of(one.backend())))
                .toCompletableFuture();
        CompletableFuture<PickResult> any =
                pool.acquireOrWait(RequestContext.NONE).toCompletableFuture();
        one.complete(Outcome.SUCCESS);

        assertThat(particular).isNotDone();
        assertThat(any).isCompletedWithValueMatching(result -> result instanceof Lease);
        other.complete(Outcome.SUCCESS);
        assertThat(particular).isCompletedWithValueMatching(result -> result instanceof Lease);
    }

    // Errors of the machine.

    @Test
    void observerThatRunsOutOfMemory_isCounted_andRethrown_whenTheOtherObserversHaveHeard() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        List<String> heard = new ArrayList<>();
        pool.addObserver(new AttemptObserver() {
            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                throw new OutOfMemoryError("first");
            }
        });
        pool.addObserver(new AttemptObserver() {
            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                heard.add(outcome.toString());
                throw new OutOfMemoryError("second");
            }
        });
        Lease lease = lease(pool);
        assertThatThrownBy(() -> lease.complete(Outcome.SUCCESS))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("first");

        assertThat(heard).containsExactly("SUCCESS");
        assertThat(pool.figures().faults()).isEqualTo(2);
        assertThat(pool.snapshot().inFlight()).isZero();
    }
}
