package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of one backend. A timer is created when the first attempt ends with its outcome. */
final class BackendMeters {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<Outcome, Timer> attempts = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable FunctionCounter> picks = new AtomicReference<>();
    private final List<Meter> meters = new CopyOnWriteArrayList<>();

    BackendMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /** Adds the meters that are read from the pool. */
    void read(Supplier<@Nullable BackendStatus> status) {
        gauge("evenkeel.inflight", "calls in flight", status, BackendStatus::inFlight);
        gauge("evenkeel.backend.eligible", "1 if it can be chosen, else 0", status, now -> now.isEligible() ? 1 : 0);
        gauge("evenkeel.backend.weight", "the weight that the strategy sees", status, BackendStatus::effectiveWeight);
    }

    /** Counts from now on the picks of a strategy, instead of those of the previous one. */
    void pickedBy(String strategy, Supplier<@Nullable BackendStatus> status, long before) {
        // Micrometer holds the object of a counter weakly: it must be one that stays reachable.
        FunctionCounter counter = FunctionCounter.builder("evenkeel.backend.picks", this, own -> {
                    BackendStatus now = status.get();
                    return now == null ? 0 : Math.max(0, now.requests() - before);
                })
                .description("leases given out")
                .tags(tags.and("strategy", strategy))
                .register(registry);
        FunctionCounter former = picks.getAndSet(counter);
        if (former != null) {
            registry.remove(former);
        }
    }

    private void gauge(
            String name,
            String description,
            Supplier<@Nullable BackendStatus> status,
            ToDoubleFunction<BackendStatus> value) {
        meters.add(Gauge.builder(name, () -> {
                    BackendStatus now = status.get();
                    return now == null ? Double.NaN : value.applyAsDouble(now);
                })
                .description(description)
                .tags(tags)
                .register(registry));
    }

    Timer attempts(Outcome outcome) {
        Timer timer = attempts.get(outcome);
        return timer == null ? attempts.computeIfAbsent(outcome, this::register) : timer;
    }

    private Timer register(Outcome outcome) {
        Timer timer = Timer.builder("evenkeel.attempts")
                .description("attempts that have ended, and the time to the answer")
                .tags(tags.and("outcome", outcome.name().toLowerCase(Locale.ROOT)))
                .register(registry);
        meters.add(timer);
        return timer;
    }

    void close() {
        FunctionCounter counter = picks.getAndSet(null);
        if (counter != null) {
            registry.remove(counter);
        }
        meters.forEach(registry::remove);
    }
}
