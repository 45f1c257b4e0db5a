package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An Error of the application's code is contained like an exception; the machine's own are thrown on by a pool that is whole. */
class ContainmentTest {
    private static final String ONE = "http://10.0.0.1:1";
    private static final String TWO = "http://10.0.0.2:1";
    private static final String ID = "10.0.0.1:1";

    private final PoolFixture fixture = new PoolFixture();

    enum Fault {
        ASSERTION {
            @Override
            Error error() {
                return new AssertionError("on purpose");
            }
        },
        LINKAGE {
            @Override
            Error error() {
                return new NoClassDefFoundError("on/purpose");
            }
        },
        STACK {
            @Override
            Error error() {
                return new StackOverflowError();
            }
        };

        abstract Error error();
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    /** Throws on the first update of a backend. */
    private static LoadBalancerListener throwing(Error error) {
        AtomicBoolean thrown = new AtomicBoolean();
        return event -> {
            if (event instanceof BackendUpdated && thrown.compareAndSet(false, true)) {
                throw error;
            }
        };
    }

    private static void assertWhole(LoadBalancer pool, List<LoadBalancerEvent> told) {
        told.clear();
        pool.registry().setWeight(ID, 77);
        assertThat(told).hasSize(1);
        assertThat(pool.registry().drain(ID, Duration.ofSeconds(1)).toCompletableFuture())
                .isCompleted();
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void listener_throwsAnError_deliveryGoesOn(Fault fault) {
        List<LoadBalancerEvent> told = new ArrayList<>();
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = fixture.builder(ONE, TWO)
                        .listener(throwing(fault.error()))
                        .listener(told::add)
                        .build()) {
            told.clear();
            pool.registry().setWeight(ID, 5);

            assertThat(told).hasSize(1);
            assertWhole(pool, told);
            assertThat(log.records()).anySatisfy(line -> {
                assertThat(line.getMessage()).startsWith("pool users: a listener failed on BackendUpdated[");
                assertThat(line.getThrown()).isInstanceOf(fault.error().getClass());
            });
        }
    }

    @Test
    void listener_recursesWithoutEnd_deliveryGoesOn() {
        List<LoadBalancerEvent> told = new ArrayList<>();
        AtomicBoolean thrown = new AtomicBoolean();
        try (LoadBalancer pool = fixture.builder(ONE, TWO)
                .listener(event -> {
                    if (event instanceof BackendUpdated && thrown.compareAndSet(false, true)) {
                        recurse(0);
                    }
                })
                .listener(told::add)
                .build()) {
            pool.registry().setWeight(ID, 5);

            assertWhole(pool, told);
        }
    }

    @Test
    void listener_throwsOutOfMemory_isThrownOnWhenEverythingIsTold() {
        List<LoadBalancerEvent> told = new ArrayList<>();
        try (LoadBalancer pool = fixture.builder(ONE, TWO)
                .listener(throwing(new OutOfMemoryError("on purpose")))
                .listener(told::add)
                .build()) {
            told.clear();

            assertThatThrownBy(() -> pool.registry().setWeight(ID, 5)).isInstanceOf(OutOfMemoryError.class);

            assertThat(told).hasSize(1);
            assertThat(pool.snapshot().backend(ID).backend().weight()).isEqualTo(5);
            assertWhole(pool, told);
        }
    }

    @Test
    void listener_throwsAtEachEvent_isLoggedAtABoundedRate() {
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = fixture.builder(ONE, TWO)
                        .listener(event -> {
                            throw new AssertionError("always");
                        })
                        .build()) {
            for (int i = 0; i < 100; i++) {
                pool.registry().setWeight(ID, 1 + i);
            }
            assertThat(log.lines()).hasSize(PoolLog.MAX_FAULTS);
            fixture.time.advance(PoolLog.PERIOD);
            assertThat(log.lines())
                    .last()
                    .asString()
                    .matches("WARNING pool users: \\d\\d more lines were left out, .*");
        }
    }

    @ParameterizedTest
    @EnumSource
    void observer_throwsAnError_callEndsAsItWould(Fault fault) {
        AttemptObserver observer = (backend, outcome, latencyNanos) -> {
            throw fault.error();
        };
        AtomicInteger heard = new AtomicInteger();
        try (LoadBalancer pool = fixture.builder(ONE).build()) {
            pool.addObserver(observer);
            pool.addObserver((backend, outcome, latencyNanos) -> heard.incrementAndGet());

            PoolFixture.call(pool, 3);

            assertThat(heard).hasValue(3);
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void observer_throwsOutOfMemoryAtTheStart_attemptIsGivenBack() {
        try (LoadBalancer pool =
                fixture.builder(ONE).limits(LimitPolicy.maxInFlight(1)).build()) {
            pool.addObserver(new AttemptObserver() {
                @Override
                public void attemptStarted(Backend backend, AttemptKind kind) {
                    throw new OutOfMemoryError("on purpose");
                }

                @Override
                public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {}
            });

            assertThatThrownBy(() -> pool.acquire(RequestContext.NONE)).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> pool.acquire(RequestContext.NONE)).isInstanceOf(OutOfMemoryError.class);

            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void observer_throwsOutOfMemoryAtTheEnd_placeInThePoolIsFree() {
        AttemptObserver observer = (backend, outcome, latencyNanos) -> {
            throw new OutOfMemoryError("on purpose");
        };
        try (LoadBalancer pool =
                fixture.builder(ONE).limits(LimitPolicy.maxInFlight(1)).build()) {
            pool.addObserver(observer);
            Lease lease = PoolFixture.lease(pool);

            assertThatThrownBy(() -> lease.complete(Outcome.SUCCESS)).isInstanceOf(OutOfMemoryError.class);

            pool.removeObserver(observer);
            PoolFixture.call(pool, 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void strategy_throwsAnErrorInAPick_callFailsAndTheEventSaysWhy(Fault fault) {
        LoadBalancingStrategy strategy = strategy(request -> {
            throw fault.error();
        });
        try (LoadBalancer pool = fixture.builder(ONE).strategy(strategy).build()) {
            assertThat(PoolFixture.refusal(pool)).contains("strategy \"bad\" threw " + fault.error());
            assertThat(fixture.events(StrategyFailed.class)).hasSize(1);
        }
    }

    @Test
    void strategy_throwsAnErrorWhenItMakesAPicker_poolIsMadeAndSaysWhy() {
        LoadBalancingStrategy strategy = new Bad() {
            @Override
            public Picker newPicker(PickerContext context) {
                throw new AssertionError("on purpose");
            }
        };
        try (LoadBalancer pool = fixture.builder(ONE).strategy(strategy).build()) {
            assertThat(PoolFixture.refusal(pool)).contains("it could not make a picker: ");
        }
    }

    @Test
    void strategy_throwsOutOfMemoryWhenItMakesAPicker_changeIsMadeBeforeItIsThrownOn() {
        AtomicBoolean bad = new AtomicBoolean();
        LoadBalancingStrategy strategy = new Bad() {
            @Override
            public Picker newPicker(PickerContext context) {
                if (bad.compareAndSet(true, false)) {
                    throw new OutOfMemoryError("on purpose");
                }
                return request -> context.candidates().get(0);
            }
        };
        try (LoadBalancer pool = fixture.builder(ONE).strategy(strategy).build()) {
            bad.set(true);

            assertThatThrownBy(() -> pool.registry().add(Backend.of(TWO))).isInstanceOf(OutOfMemoryError.class);

            assertThat(pool.snapshot().backends()).hasSize(2);
            pool.registry().setWeight(ID, 9);
            PoolFixture.call(pool, 1);
        }
    }

    private abstract static class Bad implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "bad";
        }
    }

    private static LoadBalancingStrategy strategy(Picker picker) {
        return new Bad() {
            @Override
            public Picker newPicker(PickerContext context) {
                return picker;
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void detector_throwsAnErrorInASweep_nextSweepComes(Fault fault) {
        AtomicInteger sweeps = new AtomicInteger();
        OutlierDetector detector = detector(sweeps, fault.error());
        try (LoadBalancer pool = fixture.builder(ONE, TWO)
                .strategy(Strategies.roundRobin())
                .outlierDetection(detector)
                .ejection(EjectionPolicy.builder().build())
                .build()) {
            fixture.time.advance(Duration.ofSeconds(3));
            assertThat(sweeps).hasValue(3);
            PoolFixture.call(pool, 2);
        }
    }

    private static OutlierDetector detector(AtomicInteger sweeps, Error error) {
        OutlierDetector.Detection detection = new OutlierDetector.Detection() {
            @Override
            public String observe(
                    Candidate candidate,
                    Outcome outcome,
                    long latencyNanos,
                    long nowNanos,
                    List<? extends Candidate> peers) {
                throw error;
            }

            @Override
            public Duration sweepInterval() {
                return Duration.ofSeconds(1);
            }

            @Override
            public void sweep(
                    long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {
                sweeps.incrementAndGet();
                throw error;
            }
        };
        return clock -> detection;
    }

    @ParameterizedTest
    @EnumSource
    void check_throwsAnError_isUnhealthyAndIsAskedAgain(Fault fault) {
        AtomicInteger checks = new AtomicInteger();
        try (LoadBalancer pool = fixture.builder(ONE)
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> {
                            if (checks.incrementAndGet() < 4) {
                                throw fault.error();
                            }
                            return CompletableFuture.completedFuture(HealthResult.healthy("well"));
                        })
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .build())
                .build()) {
            fixture.time.advance(Duration.ofSeconds(6));
            assertThat(pool.snapshot().backend(ID).health()).isEqualTo(HealthState.UP);
        }
    }

    @ParameterizedTest
    @EnumSource
    void context_throwsAnErrorInTheQueue_othersAreLetIn(Fault fault) {
        try (LoadBalancer pool = fixture.builder(ONE)
                .limits(LimitPolicy.maxInFlight(1).withQueue(2, Duration.ofSeconds(5)))
                .build()) {
            Lease lease = PoolFixture.lease(pool);
            AtomicBoolean bad = new AtomicBoolean();
            CompletableFuture<PickResult> failing = pool.acquireOrWait(new RequestContext() {
                @Override
                public String boundBackend() {
                    if (bad.get()) {
                        throw fault.error();
                    }
                    return null;
                }
            });
            CompletableFuture<PickResult> waiting = pool.acquireOrWait(RequestContext.NONE);
            bad.set(true);

            lease.complete(Outcome.SUCCESS);

            assertThat(failing.join().toString()).contains("the request's context threw " + fault.error());
            assertThat(waiting.join()).isInstanceOf(Lease.class);
        }
    }
}
