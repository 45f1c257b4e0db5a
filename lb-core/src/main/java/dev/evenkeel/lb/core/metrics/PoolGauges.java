package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The meters of a whole pool whose values are read from it. */
final class PoolGauges {
    private final MeterRegistry registry;
    private final LoadBalancer pool;
    private final SnapshotCache status;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();

    PoolGauges(MeterRegistry registry, LoadBalancer pool, SnapshotCache status, Tags tags) {
        this.registry = registry;
        this.pool = pool;
        this.status = status;
        this.tags = tags;
    }

    void register() {
        String backends = "backends that can be chosen, and backends that cannot";
        gauge("evenkeel.backends", backends, tags.and("state", "eligible"), () -> eligible(true));
        gauge("evenkeel.backends", backends, tags.and("state", "ineligible"), () -> eligible(false));
        gauge(
                "evenkeel.tiers.panic",
                "tiers in panic: too few of their backends are healthy",
                tags,
                () -> status.snapshot().tiers().stream()
                        .filter(TierStatus::panic)
                        .count());
        gauge(
                "evenkeel.queue.size",
                "requests that wait for room",
                tags,
                () -> pool.figures().queued());
        gauge(
                "evenkeel.discovery.failing",
                "1 if discovery fails, else 0",
                tags,
                () -> pool.figures().discoveryFails() ? 1 : 0);
        meters.add(FunctionCounter.builder(
                        "evenkeel.faults", pool, now -> now.figures().faults())
                .description(
                        "exceptions and errors of the application's own listeners, observers, strategies and detectors")
                .tags(tags)
                .register(registry));
        time(
                "evenkeel.latency.p95",
                "the pool's running 95th percentile",
                now -> now.figures().latencyP95Nanos());
        time("evenkeel.discovery.age", "time since the last good list", PoolGauges::discoveryAge);
    }

    private long eligible(boolean wanted) {
        return status.snapshot().backends().stream()
                .filter(backend -> backend.isEligible() == wanted)
                .count();
    }

    private static double discoveryAge(LoadBalancer pool) {
        long nanos = pool.figures().discoveryAgeNanos();
        return nanos < 0 ? Double.NaN : nanos;
    }

    private void gauge(String name, String description, Tags with, Supplier<Number> value) {
        meters.add(
                Gauge.builder(name, value).description(description).tags(with).register(registry));
    }

    private void time(String name, String description, ToDoubleFunction<LoadBalancer> nanos) {
        meters.add(TimeGauge.builder(name, () -> nanos.applyAsDouble(pool), TimeUnit.NANOSECONDS)
                .description(description)
                .tags(tags)
                .register(registry));
    }

    void close() {
        meters.forEach(registry::remove);
    }
}
