package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendResting;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadReading;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A reload that changes one component of a pool's configuration takes effect: the pool then behaves as one that was built so, and
 * otherwise than one that was not reloaded.
 */
class ConfigReloadTest {
    private static final Backend A =
            Backend.builder("http://a:1").zone("a").metadata("version", "1").build();
    private static final Backend B = Backend.builder("http://b:1").zone("b").build();
    private static final Backend SPARE =
            Backend.builder("http://spare:1").priority(1).build();

    /** By component of {@link PoolConfig}. */
    private static final Map<String, Change> CHANGES = new HashMap<>();

    /** One pool, its clock, its events. */
    private record Side(PoolFixture fixture, LoadBalancer pool) {

        BackendStatus status(String id) {
            return PoolFixture.status(pool, id);
        }

        List<String> ids() {
            return pool.snapshot().backends().stream()
                    .map(status -> status.backend().id())
                    .sorted()
                    .toList();
        }

        /** A call that a certain backend gets. */
        Lease at(String id) {
            return PoolFixture.lease(
                    pool,
                    RequestContext.NONE.withPermitted(backend -> backend.id().equals(id)));
        }

        void fail(String id, int calls) {
            for (int i = 0; i < calls && status(id).ineligibilities().isEmpty(); i++) {
                at(id).complete(Outcome.SERVER_ERROR);
                PoolFixture.call(pool, 3, Map.of(id, Outcome.SERVER_ERROR));
            }
        }

        boolean takes(RequestContext request) {
            return pool.acquire(request) instanceof Lease;
        }
    }

    /**
     * How a component is changed, and what shows it.
     *
     * @param seen what the pool does, as a value
     */
    private record Change(
            Consumer<LoadBalancerBuilder> before, Consumer<LoadBalancerBuilder> after, Function<Side, Object> seen) {}

    private static void change(
            String component,
            Consumer<LoadBalancerBuilder> before,
            Consumer<LoadBalancerBuilder> after,
            Function<Side, Object> seen) {
        CHANGES.put(component, new Change(before, after, seen));
    }

    static {
        change("backends", builder -> {}, builder -> builder.backend(Backend.of("http://c:1")), Side::ids);
        change(
                "strategy",
                builder -> builder.strategy(Strategies.roundRobin()),
                builder -> builder.strategy(Strategies.consistentHash()),
                side -> Stream.generate(() -> PoolFixture.lease(side.pool, RequestContext.ofAffinityKey("k")))
                        .limit(4)
                        .map(lease -> lease.backend().id())
                        .distinct()
                        .count());
        change(
                "breaker",
                builder -> builder.outlierDetection(OutlierDetectors.none()).circuitBreaker(BreakerPolicy.off()),
                builder -> builder.outlierDetection(OutlierDetectors.none()).circuitBreaker(BreakerPolicy.defaults()),
                side -> {
                    side.fail("a:1", 100);
                    return side.status("a:1").breaker();
                });
        change(
                "outlierDetector",
                builder -> builder.circuitBreaker(BreakerPolicy.off())
                        .outlierDetection(OutlierDetectors.none())
                        .ejection(ejection(2)),
                builder -> builder.circuitBreaker(BreakerPolicy.off())
                        .outlierDetection(errorsInARow())
                        .ejection(ejection(2)),
                side -> {
                    side.fail("a:1", 20);
                    return side.status("a:1").ejectedFor() != null;
                });
        change(
                "ejection",
                builder -> builder.circuitBreaker(BreakerPolicy.off())
                        .outlierDetection(errorsInARow())
                        .ejection(ejection(2)),
                builder -> builder.circuitBreaker(BreakerPolicy.off())
                        .outlierDetection(errorsInARow())
                        .ejection(ejection(60)),
                side -> {
                    side.fail("a:1", 20);
                    side.fixture.time.advance(Duration.ofSeconds(10));
                    return side.status("a:1").ejectedFor() != null;
                });
        change(
                "maxRetryAfter",
                builder -> builder.maxRetryAfter(Duration.ofSeconds(1)),
                builder -> builder.maxRetryAfter(Duration.ofSeconds(10)),
                side -> {
                    side.at("a:1").restFor(Duration.ofMinutes(1));
                    return side.fixture.events(BackendResting.class).get(0).duration();
                });
        change(
                "sessionIdleTimeout",
                builder -> builder.sessionIdleTimeout(Duration.ofSeconds(5)),
                builder -> builder.sessionIdleTimeout(Duration.ofSeconds(20)),
                side -> {
                    Lease lease = side.at("a:1");
                    lease.bind();
                    lease.complete(Outcome.SUCCESS);
                    side.pool.registry().drain("a:1");
                    side.fixture.time.advance(Duration.ofSeconds(10));
                    return side.fixture.events(DrainEnded.class).size();
                });
        change(
                "drains",
                builder -> builder.drains(DrainPolicy.of(Duration.ofSeconds(5))),
                builder -> builder.drains(DrainPolicy.of(Duration.ofSeconds(20))),
                side -> {
                    side.at("a:1");
                    side.pool.registry().drain("a:1");
                    side.fixture.time.advance(Duration.ofSeconds(10));
                    return side.fixture.events(DrainEnded.class).size();
                });
        change(
                "maxStreamDuration",
                builder -> {},
                builder -> builder.maxStreamDuration(Duration.ofMinutes(1)),
                side -> {
                    List<String> closed = new ArrayList<>();
                    side.at("a:1").onClose(why -> closed.add(why.getMessage()));
                    side.fixture.time.advance(Duration.ofMinutes(2));
                    return closed;
                });
        change(
                "priorities",
                builder -> builder.backend(SPARE).healthCheck(sick("b:1")).priorities(PriorityPolicy.strict()),
                builder -> builder.backend(SPARE).healthCheck(sick("b:1")).priorities(PriorityPolicy.overprovisioned()),
                side -> {
                    side.fixture.time.advance(Duration.ofSeconds(30));
                    return side.pool.snapshot().tiers().get(0).loadPercent();
                });
        change(
                "panic",
                builder -> builder.healthCheck(sick("a:1", "b:1")).panic(PanicPolicy.off()),
                builder -> builder.healthCheck(sick("a:1", "b:1")).panic(PanicPolicy.useAll(50)),
                side -> {
                    side.fixture.time.advance(Duration.ofSeconds(30));
                    return side.takes(RequestContext.NONE);
                });
        change(
                "zones",
                builder -> builder.zones(ZonePolicy.ignore()),
                builder -> builder.zones(ZonePolicy.multiplied(Map.of("a", 3))),
                side -> side.status("a:1").effectiveWeight());
        change(
                "subsets",
                builder -> builder.subsets(SubsetPolicy.noFallback()),
                builder -> builder.subsets(SubsetPolicy.anyEndpoint()),
                side -> side.takes(RequestContext.NONE.withSubset(Subset.of(Map.of("version", "9")))));
        change(
                "slowStart",
                builder -> builder.slowStart(SlowStart.off()),
                builder -> builder.slowStart(SlowStart.of(Duration.ofSeconds(30))),
                side -> {
                    side.pool.registry().add(Backend.of("http://c:1"));
                    side.fixture.time.advance(Duration.ofSeconds(10));
                    return side.status("c:1").explanation();
                });
        change(
                "limits",
                builder -> builder.limits(LimitPolicy.none()),
                builder -> builder.limits(LimitPolicy.maxInFlight(1)),
                side -> List.of(side.takes(RequestContext.NONE), side.takes(RequestContext.NONE)));
        change("loggedDecisions", builder -> builder.logDecisions(0), builder -> builder.logDecisions(1), side -> {
            try (LogLines log = new LogLines("users")) {
                side.at("a:1").complete(Outcome.SUCCESS);
                return log.lines().size();
            }
        });
        change("healthCheck", builder -> {}, builder -> builder.healthCheck(sick("b:1")), side -> {
            side.fixture.time.advance(Duration.ofSeconds(30));
            return side.status("b:1").health();
        });
        change("loadReports", builder -> {}, builder -> builder.loadReports(reports(50)), side -> {
            side.fixture.time.advance(Duration.ofSeconds(30));
            return side.status("a:1").explanation();
        });
        change(
                "discovery",
                builder -> builder.discovery(new Source(Backend.of("http://c:1"))),
                builder -> builder.discovery(new Source(Backend.of("http://d:1"))),
                Side::ids);
        Source source = new Source(Backend.of("http://c:1"));
        change(
                "honoursEmptyDiscovery",
                builder -> builder.discovery(source).honourEmptyDiscovery(false),
                builder -> builder.discovery(source).honourEmptyDiscovery(true),
                side -> {
                    source.receivers.forEach(receiver -> receiver.backends(List.of()));
                    return side.ids().isEmpty();
                });
    }

    private static XdsOutlierDetector errorsInARow() {
        return XdsOutlierDetector.builder().errorsInARow(3).build();
    }

    private static EjectionPolicy ejection(int seconds) {
        return EjectionPolicy.builder()
                .baseDuration(Duration.ofSeconds(seconds))
                .maxEjectionPercent(100)
                .build();
    }

    private static HealthCheckPolicy sick(String... ids) {
        return HealthCheckPolicy.of((backend, timeout) -> CompletableFuture.completedFuture(
                List.of(ids).contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine")));
    }

    private static LoadReportPolicy reports(int weightPercent) {
        return LoadReportPolicy.of((backend, timeout) ->
                CompletableFuture.completedFuture(new LoadReading(null, weightPercent, null, null, null, "")));
    }

    private static final class Source implements BackendDiscovery {
        private final List<Receiver> receivers = new ArrayList<>();
        private final List<Backend> list;

        Source(Backend... list) {
            this.list = List.of(list);
        }

        @Override
        public Watch start(Receiver receiver) {
            receivers.add(receiver);
            if (!list.isEmpty()) {
                receiver.backends(list);
            }
            return () -> receivers.remove(receiver);
        }
    }

    /** All but the wait for a first list: under a virtual clock nothing waits. */
    static List<String> components() {
        return Arrays.stream(PoolConfig.class.getRecordComponents())
                .map(RecordComponent::getName)
                .filter(name -> !name.equals("initialDiscoveryTimeout"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("components")
    void reload_thatChangesAComponent_takesEffect(String component) {
        Change change = CHANGES.get(component);
        assertThat(change).as("""
                        PoolConfig has the component "%s", of which this test knows no change. Add one: two settings of it, and \
                        what a pool does that differs. If the reloaded pool then behaves as before, a class keeps a copy: let it \
                        read the configuration in force, or compare it with the former one in reloaded(..).""", component).isNotNull();

        Object kept = change.seen.apply(side(change.before));
        Object built = change.seen.apply(side(change.after));
        Side side = side(change.before);
        configured(LoadBalancers.builder("users"), change.after).applyTo(side.pool);
        Object reloaded = change.seen.apply(side);

        assertThat(built).as("a pool that is built with another " + component).isNotEqualTo(kept);
        assertThat(reloaded)
                .as("a pool that is reloaded with another " + component)
                .isEqualTo(built);
    }

    private static Side side(Consumer<LoadBalancerBuilder> settings) {
        PoolFixture fixture = new PoolFixture();
        return new Side(fixture, configured(fixture.builder(), settings).build());
    }

    private static LoadBalancerBuilder configured(LoadBalancerBuilder builder, Consumer<LoadBalancerBuilder> settings) {
        settings.accept(builder.strategy(Strategies.roundRobin()));
        boolean discovers = builder.config().discovery() != null;
        return discovers ? builder : builder.backends(List.of(A, B));
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0", "PT0.001S, 1"})
    void reload_thatStartsAnotherDiscovery_waitsForItsFirstListAsTheNewConfigurationSays(Duration wait, int lines) {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                        .discovery(new Source())
                        .initialDiscoveryTimeout(Duration.ZERO)
                        .random(new Random(1))
                        .build();
                LogLines log = new LogLines("discovery found none in")) {
            LoadBalancers.builder("users")
                    .discovery(new Source())
                    .initialDiscoveryTimeout(wait)
                    .applyTo(pool);

            assertThat(log.lines()).hasSize(lines);
        }
    }
}
