package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.config.ConfigEvent;
import dev.evenkeel.lb.okhttp.metrics.ClientMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.springframework.context.event.EventListener;

/** The meters of the attached client, on each registry that Spring Boot binds; a reload adds and removes meters. */
final class PoolMeters implements MeterBinder, AutoCloseable {
    private final ClientMetrics metrics;
    private final Set<MeterRegistry> registries =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    PoolMeters(ClientMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        registries.add(registry);
        metrics.bindTo(registry);
    }

    @EventListener
    void onReload(ConfigEvent.Applied event) {
        Set.copyOf(registries).forEach(metrics::bindTo);
    }

    @Override
    public void close() {
        metrics.close();
    }
}
