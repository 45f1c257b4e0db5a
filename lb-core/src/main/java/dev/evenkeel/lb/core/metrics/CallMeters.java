package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The meters of a pool's calls. Every timer is there from the start: a rate needs the zero before the first call that
 * fails.
 */
final class CallMeters {
    private final MeterRegistry registry;
    /** Not changed after the constructor. */
    private final Map<CallOutcome, Timer> timers = new EnumMap<>(CallOutcome.class);

    private final Counter refused;

    CallMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        for (CallOutcome outcome : CallOutcome.values()) {
            timers.put(
                    outcome,
                    Timer.builder("evenkeel.calls")
                            .description("calls that have ended, and the time to the head of the response")
                            .tags(tags.and("outcome", outcome.text()))
                            .register(registry));
        }
        this.refused = Counter.builder("evenkeel.calls.refused")
                .description("calls that were refused without any attempt")
                .tags(tags)
                .register(registry);
    }

    void ended(CallOutcome outcome, long durationNanos) {
        Timer timer = timers.get(outcome);
        if (timer != null) {
            timer.record(durationNanos, TimeUnit.NANOSECONDS);
        }
        if (outcome.isRefusal()) {
            refused.increment();
        }
    }

    void close() {
        timers.values().forEach(registry::remove);
        registry.remove(refused);
    }
}
