package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Kinds of components that a pool may have, by the word in their field {@code type}. Each is built for the pool of a
 * name; other modules add theirs. Not thread-safe.
 */
public final class PoolExtensions {
    private final Map<String, ObjectType<?, Function<String, HealthCheck>>> healthChecks = new LinkedHashMap<>();
    private final Map<String, ObjectType<?, Function<String, LoadReportSource>>> loadReports = new LinkedHashMap<>();
    private final Map<String, ObjectType<?, Function<String, BackendDiscovery>>> discoveries = new LinkedHashMap<>();

    /** The kinds of this module. */
    public PoolExtensions() {
        healthChecks.put("tcp", HealthForms.TCP);
        loadReports.put("agent", LoadForms.AGENT);
        Type<Function<String, BackendDiscovery>> any = Types.lazy(() -> DiscoveryForms.sources(discoveries));
        discoveries.put("file", DiscoveryForms.FILE);
        discoveries.put("dns", DnsForm.DNS);
        discoveries.put("fixed", DiscoveryForms.FIXED);
        discoveries.put("union", DiscoveryForms.union(any));
        discoveries.put("failover", DiscoveryForms.failover(any));
        discoveries.put("subset", DiscoveryForms.subset(any));
        discoveries.put("remoteOnly", DiscoveryForms.remoteOnly(any));
    }

    /**
     * Adds a kind of health check.
     *
     * @param type the word in {@code type}
     * @param form its own fields, and the object that they build for a pool's name
     * @return this
     */
    public PoolExtensions healthCheck(String type, ObjectType<?, Function<String, HealthCheck>> form) {
        healthChecks.put(type, form);
        return this;
    }

    /**
     * Adds a kind of source of load reports.
     *
     * @param type the word in {@code type}
     * @param form its own fields, and the object that they build for a pool's name
     * @return this
     */
    public PoolExtensions loadReports(String type, ObjectType<?, Function<String, LoadReportSource>> form) {
        loadReports.put(type, form);
        return this;
    }

    /**
     * Adds a kind of discovery.
     *
     * @param type the word in {@code type}
     * @param form its own fields, and the object that they build for a pool's name
     * @return this
     */
    public PoolExtensions discovery(String type, ObjectType<?, Function<String, BackendDiscovery>> form) {
        discoveries.put(type, form);
        return this;
    }

    Map<String, ObjectType<?, Function<String, BackendDiscovery>>> discoveries() {
        return discoveries;
    }

    Map<String, ObjectType<?, Function<String, HealthCheck>>> healthChecks() {
        return healthChecks;
    }

    Map<String, ObjectType<?, Function<String, LoadReportSource>>> loadReports() {
        return loadReports;
    }
}
