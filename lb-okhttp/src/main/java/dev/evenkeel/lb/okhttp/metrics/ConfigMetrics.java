package dev.evenkeel.lb.okhttp.metrics;

import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Binds the reloads of a {@link LiveConfig} to a Micrometer registry.
 *
 * <pre>{@code
 * new ConfigMetrics(config).bindTo(registry);
 * }</pre>
 *
 * <table> <caption>Meters</caption>
 * <tr><th>name</th><th>kind</th><th>is</th></tr>
 * <tr><td>{@code evenkeel.reload.success}</td><td>gauge</td><td>1 if the document that was found last is in force, 0 if
 * it was refused or could not be read</td></tr>
 * <tr><td>{@code evenkeel.reload.time}</td><td>gauge</td><td>when the configuration in force was put in force: time
 * since 1970-01-01 UTC</td></tr>
 * <tr><td>{@code evenkeel.reloads.refused}</td><td>counter</td><td>documents that were refused or could not be read;
 * since the start of the configuration</td></tr>
 * </table>
 *
 * <p>Thread-safe.
 */
public final class ConfigMetrics implements MeterBinder, AutoCloseable {
    private final LiveConfig config;
    private final Tags tags;

    // Guarded by this.
    private final Map<MeterRegistry, List<Meter>> bound = new HashMap<>();

    /**
     * Meters of a running configuration.
     *
     * @param config the configuration
     */
    public ConfigMetrics(LiveConfig config) {
        this(config, List.of());
    }

    /**
     * Meters of a running configuration with further tags.
     *
     * @param config the configuration
     * @param tags on every meter; needed to tell several configurations in one registry apart
     */
    public ConfigMetrics(LiveConfig config, Iterable<Tag> tags) {
        Preconditions.notNull(config, "config");
        Preconditions.notNull(tags, "tags");
        this.config = config;
        this.tags = Tags.of(tags);
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        bound.computeIfAbsent(registry, this::registered);
    }

    private List<Meter> registered(MeterRegistry registry) {
        List<Meter> meters = new ArrayList<>();
        meters.add(Gauge.builder(
                        "evenkeel.reload.success", config, now -> now.reloads().lastSucceeded() ? 1 : 0)
                .description("1 if the document that was found last is in force, else 0")
                .tags(tags)
                .register(registry));
        meters.add(TimeGauge.builder(
                        "evenkeel.reload.time",
                        config,
                        TimeUnit.MILLISECONDS,
                        now -> now.reloads().lastSuccess().toEpochMilli())
                .description("when the configuration in force was put in force, since 1970-01-01 UTC")
                .tags(tags)
                .register(registry));
        meters.add(FunctionCounter.builder(
                        "evenkeel.reloads.refused", config, now -> now.reloads().refused())
                .description("documents that were refused or could not be read")
                .tags(tags)
                .register(registry));
        return meters;
    }

    /** Removes every meter. The configuration stays as it is. */
    @Override
    public synchronized void close() {
        bound.forEach((registry, meters) -> meters.forEach(registry::remove));
        bound.clear();
    }
}
