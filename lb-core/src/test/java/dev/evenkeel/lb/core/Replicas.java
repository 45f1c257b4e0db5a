package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.lease;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Backends of several tiers and zones whose health the test decides, under active checks on virtual time. */
public final class Replicas {
    public final PoolFixture fixture = new PoolFixture();
    private final List<Backend> backends = new ArrayList<>();
    private final Map<String, HealthState> states = new ConcurrentHashMap<>();

    /** Adds a backend with the id {@code p0}, {@code p1}, … of its priority: {@code p0.0}, {@code p0.1}, … */
    public Replicas add(int count, int priority, HealthState state) {
        return add(count, priority, state, builder -> builder);
    }

    public Replicas add(int count, int priority, HealthState state, Function<Backend.Builder, Backend.Builder> more) {
        for (int i = 0; i < count; i++) {
            long number =
                    backends.stream().filter(b -> b.priority() == priority).count();
            Backend backend = more.apply(Backend.builder("http://p" + priority + "." + number + ":1")
                            .id("p" + priority + "." + number)
                            .priority(priority))
                    .build();
            backends.add(backend);
            states.put(backend.id(), state);
        }
        return this;
    }

    /** A healthy backend of the first tier. */
    public Replicas inZone(String zone, int count) {
        return add(count, 0, HealthState.UP, builder -> builder.zone(zone));
    }

    /** From the next checks on. */
    public void become(HealthState state, String... ids) {
        for (String id : ids) {
            states.put(id, state);
        }
        fixture.time.advance(Duration.ofSeconds(3));
    }

    /** A pool in round robin that decides by one check; after its first checks. */
    public LoadBalancer pool(Function<LoadBalancerBuilder, LoadBalancerBuilder> more) {
        LoadBalancerBuilder builder = fixture.builder()
                .backends(backends)
                .strategy(Strategies.roundRobin())
                .healthCheck(HealthCheckPolicy.of((backend, timeout) -> CompletableFuture.completedFuture(
                                new HealthResult(states.getOrDefault(backend.id(), HealthState.UP), "as told")))
                        .withThresholds(1, 1));
        LoadBalancer pool = more.apply(builder).build();
        fixture.time.advance(Duration.ofSeconds(5));
        return pool;
    }

    /** Makes calls that succeed; the number by what a backend's id, zone or priority is. */
    public static <K> Map<K, Integer> count(LoadBalancer pool, int calls, Function<Backend, K> by) {
        Map<K, Integer> counts = new TreeMap<>();
        for (int i = 0; i < calls; i++) {
            var lease = lease(pool);
            counts.merge(by.apply(lease.backend()), 1, Integer::sum);
            lease.complete(Outcome.SUCCESS);
        }
        return counts;
    }

    /** The ids that calls go to, one after the other. */
    static List<String> sequence(LoadBalancer pool, int calls) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            var lease = lease(pool);
            ids.add(lease.backend().id());
            lease.complete(Outcome.SUCCESS);
        }
        return ids;
    }
}
