package dev.evenkeel.lb.core.document;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.discovery.FileDiscovery;
import dev.evenkeel.lb.core.internal.document.BackendsForm;
import dev.evenkeel.lb.core.internal.document.PoolDefinition;
import dev.evenkeel.lb.core.internal.document.PoolForm;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads pools, or the backends of a pool, from a JSON document. */
public final class PoolDocument {

    private PoolDocument() {}

    /**
     * Makes the pools of a JSON file and starts them: all of them, or none.
     *
     * <p>Fields are named after the builders' setters, and what is left out has the builders' defaults. Only {@code pools},
     * their {@code name} and {@code backends} and an object's {@code uri}, {@code type} and such are required. A backend can
     * be its URI alone, a strategy its name. A duration is a whole number with the unit ms, s, m, h or d. A string may hold
     * environment variables, as <code>$&#123;NAME}</code> or <code>$&#123;NAME:default}</code>, and the text of a file, as
     * <code>$&#123;file:/run/secrets/token}</code>, which is read each time; it can stand for a number then.
     * The resource {@code pools.schema.json} of this package is the JSON Schema, with every field.
     *
     * <pre>{@code
     * {
     *   "pools": [
     *     {
     *       "name": "users",
     *       "strategy": "roundRobin",
     *       "backends": [
     *         "http://10.0.0.1:8080",
     *         {
     *           "uri": "http://10.0.0.2:8080", "id": "two", "weight": 3, "priority": 1, "zone": "a",
     *           "maxInFlight": 100, "metadata": { "version": "2" }
     *         }
     *       ],
     *       "healthCheck": { "type": "tcp", "interval": "2s", "timeout": "1s", "rise": 2, "fall": 3 },
     *       "loadReports": { "type": "agent", "port": 9707, "send": "users", "interval": "2s", "timeout": "1s" },
     *       "circuitBreaker": {
     *         "enabled": true, "windowSize": 50, "minCalls": 10, "failureRatePercent": 50, "openDuration": "1s",
     *         "maxOpenDuration": "1m", "halfOpenCalls": 3, "halfOpenTimeout": "10s"
     *       },
     *       "outlierDetection": "relative"
     *     }
     *   ]
     * }
     * }</pre>
     *
     * @param file JSON in UTF-8, at most 1 MiB
     * @return the pools in the order of the file; close them when they are no longer needed
     * @throws dev.evenkeel.lb.core.config.ConfigException if anything in the file is wrong: it names every fault
     * @throws IOException if the file cannot be read
     */
    public static List<LoadBalancer> load(Path file) throws IOException {
        ConfigDocument document = new ConfigDocument(file.toString(), ConfigDocument.load(file));
        List<PoolDefinition> definitions = document.read(PoolForm.document()).value();
        List<LoadBalancer> pools = new ArrayList<>(definitions.size());
        try {
            definitions.forEach(definition -> pools.add(definition.builder().build()));
        } catch (RuntimeException | Error e) {
            pools.forEach(LoadBalancer::close);
            throw e;
        }
        return List.copyOf(pools);
    }

    /**
     * Discovery from a JSON file of backends, which are written as in {@link #load}. Every fault of it is reported at
     * once, and then the last good list stays.
     *
     * <pre>{@code
     * { "backends": [ "http://10.0.0.1:8080", { "uri": "http://10.0.0.2:8080", "weight": 3, "zone": "a" } ] }
     * }</pre>
     *
     * @param file JSON in UTF-8, at most 16 MiB; need not exist yet
     * @return looked at every 2 s
     */
    public static FileDiscovery backends(Path file) {
        return BackendsForm.discovery(file);
    }
}
