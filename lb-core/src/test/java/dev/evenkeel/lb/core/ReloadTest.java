package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A reload of the same configuration changes nothing: of two pools that see the same calls at the same times, one is reloaded
 * after each step, from a builder made anew, and both stay the same.
 */
class ReloadTest {
    private static final String[] URIS = {
        "http://a:1", "http://b:1", "http://c:1", "http://d:1", "http://e:1", "http://f:1", "http://g:1", "http://h:1"
    };

    /** One pool on a clock of its own. */
    private static final class Side {
        final PoolFixture fixture = new PoolFixture();
        final List<Lease> held = new ArrayList<>();
        final LoadBalancer pool;
        private final int strategy;
        private final Set<String> sick = new HashSet<>();
        private final HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine"));

        Side(int strategy) {
            this.strategy = strategy;
            pool = configure(fixture.builder(URIS)).build();
        }

        private LoadBalancerBuilder configure(LoadBalancerBuilder builder) {
            return builder.strategy(AllStrategies.all().get(strategy).getPayload())
                    .outlierDetection(XdsOutlierDetector.builder()
                            .errorsInARow(5)
                            .ejection(EjectionPolicy.builder()
                                    .baseDuration(Duration.ofSeconds(2))
                                    .maxEjectionPercent(13)
                                    .build())
                            .build())
                    .healthCheck(HealthCheckPolicy.of(check))
                    .slowStart(SlowStart.of(Duration.ofSeconds(30)))
                    .limits(LimitPolicy.maxInFlight(500)
                            .withAdaptive(AdaptiveLimit.standard().withRange(4, 60, 1_000))
                            .withAdaptivePerBackend(AdaptiveLimit.standard().withRange(4, 20, 1_000)));
        }

        void reload() {
            configure(LoadBalancers.builder("users").backends(URIS)).applyTo(pool);
        }

        void call(int calls, Map<String, Outcome> outcomes) {
            for (int i = 0; i < calls; i++) {
                Lease lease = PoolFixture.lease(pool, RequestContext.ofAffinityKey("key " + i));
                fixture.time.advance(Duration.ofMillis(2));
                lease.complete(outcomes.getOrDefault(lease.backend().id(), Outcome.SUCCESS));
            }
        }

        /** Of a request that was tried everywhere else. */
        Lease at(String id) {
            List<Backend> others = pool.snapshot().backends().stream()
                    .map(BackendStatus::backend)
                    .filter(backend -> !backend.id().equals(id))
                    .toList();
            return PoolFixture.lease(pool, RequestContext.NONE.withTried(others));
        }

        BackendStatus status(String id) {
            return PoolFixture.status(pool, id);
        }

        /** All that can be seen of the pool, and how many calls it takes at once. */
        List<Object> picture() {
            List<Object> seen = new ArrayList<>(pool.snapshot().backends());
            seen.addAll(pool.snapshot().tiers());
            fixture.events.forEach(event -> seen.add(event.getClass().getSimpleName()));
            List<Lease> all = new ArrayList<>();
            int key = 0;
            while (pool.acquire(RequestContext.ofAffinityKey("key " + key++)) instanceof Lease lease) {
                all.add(lease);
                seen.add(lease.backend().id());
            }
            all.forEach(lease -> lease.complete(Outcome.DISCARDED));
            return seen;
        }
    }

    /** Each builds up another state. */
    private static final List<Consumer<Side>> STEPS = List.of(
            side -> side.call(200, Map.of()),
            side -> {
                // Medians, failure shares, and a breaker with failures in its window.
                side.call(60, Map.of());
                for (int i = 0; i < 3; i++) {
                    side.at("b:1").complete(Outcome.TIMED_OUT);
                }
                side.held.add(side.at("a:1"));
            },
            side -> {
                while (side.status("b:1").ejectedFor() == null) {
                    side.at("b:1").complete(Outcome.SERVER_ERROR);
                }
            },
            side -> {
                // More may not be ejected: the breaker has to do it.
                while (side.status("h:1").breaker() == BreakerState.CLOSED) {
                    side.at("h:1").complete(Outcome.SERVER_ERROR);
                }
            },
            side -> {
                Lease asks = side.at("c:1");
                asks.restFor(Duration.ofSeconds(20));
                asks.complete(Outcome.THROTTLED);
            },
            side -> {
                side.held.add(side.at("d:1"));
                side.pool.registry().drain("d:1");
                assertThat(side.status("d:1").adminState()).isEqualTo(AdminState.DRAINING);
            },
            side -> side.pool.registry().maintenance("e:1"),
            side -> side.pool.registry().setWeight("f:1", 5),
            side -> {
                side.sick.add("g:1");
                side.fixture.time.advance(Duration.ofMillis(1_100));
            },
            side -> {
                side.fixture.time.advance(Duration.ofMillis(2_100));
                assertThat(side.status("g:1").health()).isEqualTo(HealthState.DOWN);
            },
            side -> side.pool.registry().add(Backend.of("http://new:1")),
            side -> side.call(100, Map.of("a:1", Outcome.THROTTLED)),
            side -> {
                // The call of a trial, if the strategy has let it come to one.
                if (side.status("b:1").ineligibilities().isEmpty()) {
                    side.held.add(side.at("b:1"));
                }
            },
            side -> side.call(300, Map.of("a:1", Outcome.THROTTLED, "f:1", Outcome.THROTTLED)),
            side -> {
                side.sick.clear();
                side.fixture.time.advance(Duration.ofSeconds(1));
            },
            side -> side.held.forEach(lease -> lease.complete(Outcome.SUCCESS)),
            side -> side.pool.registry().activate("e:1"),
            side -> side.fixture.time.advance(Duration.ofSeconds(10)),
            side -> side.call(300, Map.of()),
            side -> side.fixture.time.advance(Duration.ofMinutes(1)),
            side -> side.call(300, Map.of()));

    static IntStream strategies() {
        return IntStream.range(0, AllStrategies.all().size());
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void reloadOfTheSame_changesNothing_whateverTheStateIs(int strategy) {
        Side asItWas = new Side(strategy);
        Side reloaded = new Side(strategy);
        for (int i = 0; i < STEPS.size(); i++) {
            STEPS.get(i).accept(asItWas);
            STEPS.get(i).accept(reloaded);
            reloaded.reload();
            asItWas.pool.registry().activate("a:1"); // It is: another snapshot, as the reload makes one.

            String step = AllStrategies.all().get(strategy).getName() + ", step " + i;
            assertThat(reloaded.picture()).as(step).isEqualTo(asItWas.picture());
            assertThat(reloaded.fixture.time.pendingTimers()).as(step).isEqualTo(asItWas.fixture.time.pendingTimers());
        }
        assertThat(reloaded.pool.snapshot().inFlight()).isZero();
        asItWas.pool.close();
        reloaded.pool.close();
    }

    /** Else a reload from a builder made anew would begin rotations, sweeps and checks anew. */
    @Test
    void settingsThatSayTheSame_areTheSame() {
        assertThat(AllStrategies.all().stream().map(named -> named.getPayload()).toList())
                .isEqualTo(AllStrategies.all().stream()
                        .map(named -> named.getPayload())
                        .toList())
                .doesNotHaveDuplicates();
        assertThat(Strategies.powerOfTwo(3)).isNotEqualTo(Strategies.powerOfTwo(4));
        assertThat(HealthChecks.tcp()).isEqualTo(HealthChecks.tcp()).hasSameHashCodeAs(HealthChecks.tcp());
        assertThat(OutlierDetectors.none()).isEqualTo(OutlierDetectors.none());
        assertThat(OutlierDetectors.envoy())
                .isEqualTo(OutlierDetectors.envoy())
                .hasSameHashCodeAs(OutlierDetectors.envoy())
                .isNotEqualTo(OutlierDetectors.grpc());
    }
}
