package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/**
 * The meters of a pool's calls. Every timer is there from the start: a rate needs the zero before the first call that
 * fails.
 */
final class CallMeters {
    private final MeterRegistry registry;
    /** By the outcome's ordinal. */
    private final Timer[] timers;

    private final Counter refused;

    CallMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        CallOutcome[] outcomes = CallOutcome.values();
        this.timers = new Timer[outcomes.length];
        for (CallOutcome outcome : outcomes) {
            timers[outcome.ordinal()] = Timer.builder("evenkeel.calls")
                    .description("calls that have ended, whatever their attempts, and the time to the response's head")
                    .tags(tags.and("outcome", outcome.text()))
                    .register(registry);
        }
        this.refused = Counter.builder("evenkeel.calls.refused")
                .description("calls that were refused without any attempt")
                .tags(tags)
                .register(registry);
    }

    void ended(CallOutcome outcome, long durationNanos) {
        timers[outcome.ordinal()].record(durationNanos, TimeUnit.NANOSECONDS);
        if (outcome.isRefusal()) {
            refused.increment();
        }
    }

    void close() {
        for (Timer timer : timers) {
            registry.remove(timer);
        }
        registry.remove(refused);
    }
}
