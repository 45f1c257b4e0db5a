package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.internal.document.PoolDefinition;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The content of a client's document. Not thread-safe. */
public final class ClientDefinition {
    private static final Duration MAX_INTERVAL = Duration.ofHours(1);
    private static final Duration MIN_INTERVAL = Duration.ofMillis(10);

    private final List<PoolDefinition> pools = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private final Map<String, Consumer<LoadBalancingBuilder>> settings = new TreeMap<>();
    private final LoadBalancingBuilder tried = LoadBalancing.builder();
    private @Nullable HedgePolicy hedging;
    private Duration reloadInterval = Duration.ofSeconds(2);

    ClientDefinition() {}

    void pool(PoolDefinition pool) {
        pools.add(pool);
    }

    void route(Route route) {
        String fault = RouteTable.fault(routes, route);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        routes.add(route);
    }

    void hedging(HedgePolicy policy) {
        hedging = policy;
    }

    void keepConnectionPool(boolean keep) {
        for (String limit : List.of("maxIdleConnections", "keepAliveDuration")) {
            if (keep && settings.containsKey(limit)) {
                throw new IllegalArgumentException(
                        "keepConnectionPool must not stand beside " + limit + ": leave one of them out");
            }
        }
        if (keep) {
            set("keepConnectionPool", LoadBalancingBuilder::keepConnectionPool);
        }
    }

    void reloadInterval(Duration interval) {
        if (!interval.isZero() && (interval.compareTo(MIN_INTERVAL) < 0 || interval.compareTo(MAX_INTERVAL) > 0)) {
            throw new IllegalArgumentException("reloadInterval must be PT0S, or PT0.01S to PT1H: " + interval);
        }
        reloadInterval = interval;
    }

    /** Sets a field of the document, and keeps the setting for {@link #applyTo}. */
    void set(String field, Consumer<LoadBalancingBuilder> setting) {
        setting.accept(tried);
        settings.put(field, setting);
    }

    /**
     * The pools.
     *
     * @return in the order of the document
     */
    public List<PoolDefinition> pools() {
        return List.copyOf(pools);
    }

    /**
     * The routes.
     *
     * @return in the order of the document
     */
    public List<Route> routes() {
        return List.copyOf(routes);
    }

    /**
     * The hedging of calls.
     *
     * @return null if there is none
     */
    public @Nullable HedgePolicy hedging() {
        return hedging;
    }

    /**
     * The interval at which the file is looked at.
     *
     * @return 0 for never
     */
    public Duration reloadInterval() {
        return reloadInterval;
    }

    /**
     * Applies the document's settings to a builder.
     *
     * @param builder what is set
     * @param running the pools
     * @return the builder
     */
    public LoadBalancingBuilder applyTo(LoadBalancingBuilder builder, Collection<LoadBalancer> running) {
        settings.values().forEach(setting -> setting.accept(builder));
        return builder.pools(running.toArray(LoadBalancer[]::new)).routes(routes);
    }

    /**
     * Takes over the objects of an earlier definition where the two documents are the same: unchanged parts stay the
     * objects that run, with their state.
     *
     * @param before the earlier definition
     * @param beforeFields its fields
     * @param fields the fields of this one
     * @return the parts that are not the same, such as {@code retries} or {@code pools.users}
     */
    public Set<String> keep(ClientDefinition before, Map<String, Object> beforeFields, Map<String, Object> fields) {
        Set<String> changed = changed(beforeFields, fields);
        before.settings.forEach((field, setting) -> {
            if (settings.containsKey(field) && !changed.contains(field)) {
                settings.put(field, setting);
            }
        });
        if (hedging != null && !changed.contains("hedging")) {
            hedging = before.hedging;
        }
        keepRoutes(before, list(beforeFields, "routes"), list(fields, "routes"));
        Set<String> changedPools = keepPools(before, beforeFields, fields);
        if (!changedPools.isEmpty()) {
            changed.remove("pools"); // else it is their order
            changed.addAll(changedPools);
        }
        return changed;
    }

    private void keepRoutes(ClientDefinition before, List<?> written, List<?> now) {
        Map<Object, Route> known = new HashMap<>();
        for (int i = 0; i < written.size(); i++) {
            known.put(written.get(i), before.routes.get(i));
        }
        for (int i = 0; i < now.size(); i++) {
            routes.set(i, known.getOrDefault(now.get(i), routes.get(i)));
        }
    }

    private Set<String> keepPools(
            ClientDefinition before, Map<String, Object> beforeFields, Map<String, Object> fields) {
        Map<String, Map<String, Object>> written = byName(before, beforeFields);
        Map<String, PoolDefinition> known =
                before.pools.stream().collect(Collectors.toMap(PoolDefinition::name, pool -> pool));
        Set<String> changed = new TreeSet<>();
        byName(this, fields).forEach((name, now) -> {
            Map<String, Object> then = written.remove(name);
            PoolDefinition earlier = known.get(name);
            if (then == null || earlier == null) {
                changed.add("pools." + name);
                return;
            }
            Set<String> differing = changed(then, now);
            Set<String> same = new TreeSet<>(now.keySet());
            same.removeAll(differing);
            draft(name).keep(earlier, same);
            if (!differing.isEmpty()) {
                changed.add("pools." + name);
            }
        });
        written.keySet().forEach(gone -> changed.add("pools." + gone));
        return changed;
    }

    private PoolDefinition draft(String name) {
        return pools.stream()
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @SuppressWarnings("unchecked") // the fields of an object
    private static Map<String, Map<String, Object>> byName(ClientDefinition draft, Map<String, Object> fields) {
        List<?> written = list(fields, "pools");
        Map<String, Map<String, Object>> byName = new TreeMap<>();
        for (int i = 0; i < draft.pools.size(); i++) {
            byName.put(draft.pools.get(i).name(), (Map<String, Object>) written.get(i));
        }
        return byName;
    }

    private static Set<String> changed(Map<String, Object> before, Map<String, Object> now) {
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        names.removeIf(name -> before.containsKey(name)
                && now.containsKey(name)
                && before.get(name).equals(now.get(name)));
        return names;
    }

    private static List<?> list(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof List<?> list ? list : List.of();
    }
}
