package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.LoadReading;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every place where a pool runs the application's code, times every kind of error: while that code throws, calls, changes,
 * timers and drains go on, and afterwards the pool is as whole as if nothing had happened.
 */
class FaultMatrixTest {
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final List<Backend> BACKENDS = List.of(
            Backend.of("http://a:1"),
            Backend.of("http://b:1"),
            Backend.builder("http://backup:1").priority(1).build());

    /** The code of the application that throws. */
    enum Place {
        LISTENER,
        OBSERVER_OF_A_START,
        OBSERVER_OF_AN_END,
        NEW_PICKER,
        PICK,
        PICKER_STARTED,
        PICKER_COMPLETED,
        PICKER_REPORTED,
        AFFINITY,
        DETECTOR_OBSERVE,
        DETECTOR_SWEEP,
        CHECK,
        STAGE_OF_A_CHECK,
        LOAD_REPORT_SOURCE,
        STAGE_OF_A_LOAD_REPORT,
        DISCOVERY_OF_BACKENDS_THAT_ARE_OUT,
        PERMITTED_BACKENDS,
        KIND_OF_THE_ATTEMPT
    }

    /** A check that throws has failed, and so has a source of reports: that is a result, not a fault. */
    private static final Set<Place> RESULTS =
            EnumSet.of(Place.CHECK, Place.STAGE_OF_A_CHECK, Place.LOAD_REPORT_SOURCE, Place.STAGE_OF_A_LOAD_REPORT);

    enum Fault {
        EXCEPTION(() -> new IllegalStateException("on purpose")),
        ASSERTION(() -> new AssertionError("on purpose")),
        LINKAGE(() -> new NoClassDefFoundError("on/purpose")),
        STACK(StackOverflowError::new),
        MEMORY(() -> new OutOfMemoryError("on purpose"));

        private final Supplier<Throwable> failures;

        Fault(Supplier<Throwable> failures) {
            this.failures = failures;
        }

        void occur() {
            Throwable failure = failures.get();
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        }
    }

    private final PoolFixture fixture = new PoolFixture();
    private final List<LoadBalancerEvent> told = new ArrayList<>();
    private final List<Throwable> escaped = new ArrayList<>();
    private @Nullable Place bad;
    private Fault fault = Fault.EXCEPTION;
    private int reached;

    private void pass(Place place) {
        if (bad == place) {
            reached++;
            fault.occur();
        }
    }

    static Stream<Arguments> matrix() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(Fault.values()).map(fault -> Arguments.of(place, fault)));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void applicationsCode_throws_poolGoesOnAndIsWhole(Place place, Fault kind) throws Exception {
        fault = kind;
        try (LogLines log = new LogLines("pool users: ");
                LoadBalancer pool = pool()) {
            pool.addObserver(observer());
            live(pool);
            long before = pool.figures().faults();
            bad = place;

            live(pool);
            live(pool);

            assertThat(reached).as("the code has thrown").isPositive();
            bad = null;
            if (RESULTS.contains(place)) {
                assertThat(pool.figures().faults()).isEqualTo(before);
            } else if (kind != Fault.MEMORY) {
                assertThat(pool.figures().faults()).isGreaterThan(before);
                assertThat(log.lines()).anyMatch(line -> line.contains("failed") || line.contains("threw"));
            }
            // What the caller's own predicate throws, the caller gets.
            if (kind != Fault.MEMORY && place != Place.PERMITTED_BACKENDS) {
                assertThat(escaped).isEmpty();
            }
            assertWhole(pool);
        }
    }

    private void assertWhole(LoadBalancer pool) throws Exception {
        escaped.clear();
        fixture.time.advance(Duration.ofMinutes(3));
        live(pool);
        assertThat(escaped).isEmpty();
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(PoolFixture.call(pool, 10)).containsOnlyKeys(A, B);

        told.clear();
        pool.registry().setWeight(A, 2);
        assertThat(told).hasSize(1).hasOnlyElementsOfType(BackendUpdated.class);
        CompletableFuture<DrainReport> drained = pool.registry().drain(A).toCompletableFuture();
        assertThat(drained).isCompletedWithValueMatching(DrainReport::isComplete);
        assertThat(PoolFixture.call(pool, 10)).containsKey(B).doesNotContainKey(A);
        pool.registry().activate(A);
        assertThat(PoolFixture.call(pool, 10)).containsOnlyKeys(A, B);
    }

    /** A little of everything that a pool does. What escapes to its callers is kept. */
    private void live(LoadBalancer pool) {
        for (int i = 0; i < 4; i++) {
            attempt(() -> call(pool));
            attempt(() -> fixture.time.advance(Duration.ofMillis(600)));
        }
        attempt(() -> pool.registry().setWeight(A, 2));
        attempt(() -> pool.registry().setWeight(A, 1));
        attempt(() -> pool.registry().drain(B));
        attempt(() -> fixture.time.advance(Duration.ofSeconds(1)));
        attempt(() -> call(pool));
        attempt(() -> pool.registry().activate(B));
        attempt(() -> fixture.time.advance(Duration.ofSeconds(1)));
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            if (e instanceof AssertionError && bad == null) {
                throw e;
            }
            escaped.add(e);
        }
    }

    private void call(LoadBalancer pool) {
        if (pool.acquire(context()) instanceof Lease lease) {
            try {
                lease.report(new LoadReport(1, 0, 0.5, 0.5, 0.5, Map.of()));
            } finally {
                lease.complete(Outcome.SUCCESS);
            }
        }
    }

    private RequestContext context() {
        return new RequestContext() {
            @Override
            public Predicate<Backend> permitted() {
                return backend -> {
                    pass(Place.PERMITTED_BACKENDS);
                    return true;
                };
            }

            @Override
            public AttemptObserver.AttemptKind attemptKind() {
                pass(Place.KIND_OF_THE_ATTEMPT);
                return AttemptObserver.AttemptKind.FIRST;
            }
        };
    }

    // The pool and the code of its application.

    private LoadBalancer pool() {
        BackendDiscovery discovery = receiver -> {
            receiver.watchUnavailable(ids -> pass(Place.DISCOVERY_OF_BACKENDS_THAT_ARE_OUT));
            receiver.backends(BACKENDS);
            return () -> {};
        };
        return fixture.builder()
                .discovery(discovery)
                .strategy(new Strategy())
                .outlierDetection(clock -> new Detection())
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> {
                            pass(Place.CHECK);
                            return stage(Place.STAGE_OF_A_CHECK, HealthResult.healthy("fine"));
                        })
                        .interval(Duration.ofSeconds(1))
                        .build())
                .loadReports((backend, timeout) -> {
                    pass(Place.LOAD_REPORT_SOURCE);
                    return stage(Place.STAGE_OF_A_LOAD_REPORT, new LoadReading(null, 100, null, null, null, ""));
                })
                .listener(event -> pass(Place.LISTENER))
                .listener(told::add)
                .build();
    }

    private AttemptObserver observer() {
        return new AttemptObserver() {
            @Override
            public void attemptStarted(Backend backend, AttemptKind kind) {
                pass(Place.OBSERVER_OF_A_START);
            }

            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                pass(Place.OBSERVER_OF_AN_END);
            }
        };
    }

    /** A stage that throws when it is asked to tell its result. */
    private <T> CompletionStage<T> stage(Place place, T value) {
        CompletableFuture<T> stage = new CompletableFuture<>() {
            @Override
            public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
                pass(place);
                return super.whenComplete(action);
            }

            @Override
            public <U> CompletableFuture<U> handle(BiFunction<? super T, Throwable, ? extends U> action) {
                pass(place);
                return super.handle(action);
            }
        };
        stage.complete(value);
        return stage;
    }

    private final class Strategy implements LoadBalancingStrategy {
        private final LoadBalancingStrategy real = Strategies.roundRobin();

        @Override
        public String name() {
            return "own";
        }

        @Override
        public Object affinity(RequestContext request) {
            pass(Place.AFFINITY);
            return real.affinity(request);
        }

        @Override
        public Picker newPicker(PickerContext context) {
            pass(Place.NEW_PICKER);
            Picker picker = real.newPicker(context);
            return new Picker() {
                @Override
                public @Nullable Candidate pick(PickRequest request) {
                    pass(Place.PICK);
                    return picker.pick(request);
                }

                @Override
                public void started(Candidate candidate, long nowNanos) {
                    pass(Place.PICKER_STARTED);
                }

                @Override
                public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
                    pass(Place.PICKER_COMPLETED);
                }

                @Override
                public void reported(Candidate candidate, LoadReport report, long nowNanos) {
                    pass(Place.PICKER_REPORTED);
                }
            };
        }
    }

    private final class Detection implements OutlierDetector.Detection {
        @Override
        public @Nullable String observe(
                Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos, List<? extends Candidate> all) {
            pass(Place.DETECTOR_OBSERVE);
            return null;
        }

        @Override
        public Duration sweepInterval() {
            return Duration.ofSeconds(1);
        }

        @Override
        public void sweep(long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {
            pass(Place.DETECTOR_SWEEP);
        }
    }
}
