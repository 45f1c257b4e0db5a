package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.internal.document.PoolDefinition;
import dev.evenkeel.lb.core.internal.document.PoolForm;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument.Document;
import dev.evenkeel.lb.okhttp.internal.document.ClientDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A document in force.
 *
 * @param definition what it says
 * @param fields its canonical text
 * @param pools by name, in its order
 */
record ConfigVersion(ClientDefinition definition, Map<String, Object> fields, Map<String, LoadBalancer> pools) {

    /** Closes the pools that the version before did not have. */
    void closeNew(Map<String, LoadBalancer> running) {
        pools.values().stream().filter(pool -> !running.containsValue(pool)).forEach(LoadBalancer::close);
    }

    /** The document as it was written, with the present backends of its pools. */
    String toConfig() {
        Map<String, Object> written = new LinkedHashMap<>(fields);
        List<?> pools = (List<?>) Objects.requireNonNull(written.get("pools"));
        List<Object> present = new ArrayList<>();
        for (int i = 0; i < pools.size(); i++) {
            PoolDefinition pool = definition.pools().get(i);
            LoadBalancer running = Objects.requireNonNull(this.pools.get(pool.name()));
            present.add(pool((Map<?, ?>) Objects.requireNonNull(pools.get(i)), pool, running));
        }
        written.put("pools", present);
        return Document.write(written);
    }

    /** A pool as it was written, with its present backends; each as it was written, if the document has it. */
    private static Map<Object, Object> pool(Map<?, ?> written, PoolDefinition definition, LoadBalancer running) {
        Map<Object, Object> pool = new LinkedHashMap<>(written);
        if (!(written.get("backends") instanceof List<?> backends) || written.containsKey("discovery")) {
            return pool;
        }
        Map<Backend, Object> known = new LinkedHashMap<>();
        for (int i = 0; i < backends.size(); i++) {
            known.put(definition.backends().get(i), Objects.requireNonNull(backends.get(i)));
        }
        List<Object> now = new ArrayList<>();
        for (BackendStatus status : running.snapshot().backends()) {
            Object text = known.get(status.backend());
            now.add(text == null ? PoolForm.write(status.backend()) : text);
        }
        if (!now.isEmpty()) {
            pool.put("backends", now);
        }
        return pool;
    }
}
