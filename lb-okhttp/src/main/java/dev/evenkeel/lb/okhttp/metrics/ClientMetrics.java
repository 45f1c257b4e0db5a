package dev.evenkeel.lb.okhttp.metrics;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.metrics.PoolMetrics;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Binds the pools that a client has to a Micrometer registry: for each pool the meters of {@link PoolMetrics}, and as a
 * gauge {@code evenkeel.retry.budget}, with the tags {@code pool} and {@code route} (empty for the pool's own), how
 * many further attempts the client could make; infinite without a limit. Of a client that hedges,
 * {@code evenkeel.hedge.budget} says the same of second requests. The gauges {@code evenkeel.connections.open} and
 * {@code evenkeel.connections.idle}, with the tags {@code pool} and {@code backend}, are the client's connections
 * ({@link LoadBalancing#connections}), counted at most ten times a second.
 *
 * <p>The client reports its calls: {@code evenkeel.calls} is the time until the head of the response, whatever the
 * attempts, or until the failure; the two requests of a hedged call are one call.
 *
 * <pre>{@code
 * new ClientMetrics(client).bindTo(registry);
 * }</pre>
 *
 * <p>Pools and routes that come later, as with a reload, are bound by another {@link #bindTo}, which takes out what has
 * gone:
 *
 * <pre>{@code
 * LiveConfig.builder(file).onReload(event -> metrics.bindTo(registry))
 * }</pre>
 *
 * <p>Several clients of one pool share its meters, and nothing is counted twice. Budgets and connections are each
 * client's own: give each a tag, or only the first one's are shown.
 *
 * <p>Thread-safe.
 */
public final class ClientMetrics implements MeterBinder, AutoCloseable {
    private final OkHttpClient client;
    /** Null without hedging. */
    private final @Nullable HedgingCallFactory hedging;

    private final Tags tags;

    // Guarded by this.
    private final Map<LoadBalancer, PoolMetrics> pools = new HashMap<>();
    private final Map<MeterRegistry, Map<BudgetKey, Meter>> budgets = new HashMap<>();
    private final Map<MeterRegistry, Map<LoadBalancer, ConnectionGauges>> connections = new HashMap<>();
    private final ConnectionCounts counts;

    /** The budget that a gauge shows. */
    private record BudgetKey(String meter, String pool, String route) {}

    /**
     * Meters of a client.
     *
     * @param client one with pools attached
     * @throws IllegalArgumentException if it has none
     */
    public ClientMetrics(OkHttpClient client) {
        this(client, List.of());
    }

    /**
     * Meters of a client with further tags.
     *
     * @param client one with pools attached
     * @param tags on every meter
     * @throws IllegalArgumentException if it has no pool
     */
    public ClientMetrics(OkHttpClient client, Iterable<Tag> tags) {
        this(client, null, tags);
    }

    /**
     * Meters of a client that hedges.
     *
     * @param hedging makes its calls
     * @param tags on every meter
     */
    public ClientMetrics(HedgingCallFactory hedging, Iterable<Tag> tags) {
        this(hedging.client(), hedging, tags);
    }

    private ClientMetrics(OkHttpClient client, @Nullable HedgingCallFactory hedging, Iterable<Tag> tags) {
        this.client = client;
        this.hedging = hedging;
        this.tags = Tags.of(tags);
        this.counts = new ConnectionCounts(client, System::nanoTime);
        if (LoadBalancing.pools(client).isEmpty()) {
            throw new IllegalArgumentException(
                    "the client must have a pool attached: call LoadBalancing.attach first, and pass what it returns");
        }
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        List<LoadBalancer> present = LoadBalancing.pools(client);
        // Removed pools come first: another one may have the same name.
        pools.entrySet().removeIf(known -> {
            boolean gone = !present.contains(known.getKey());
            if (gone) {
                known.getValue().close();
            }
            return gone;
        });
        for (LoadBalancer pool : present) {
            pools.computeIfAbsent(pool, added -> new PoolMetrics(added, tags)).bindTo(registry);
        }
        bindBudgets(registry);
        bindConnections(registry, present);
    }

    private void bindConnections(MeterRegistry registry, List<LoadBalancer> present) {
        Map<LoadBalancer, ConnectionGauges> bound = connections.computeIfAbsent(registry, unknown -> new HashMap<>());
        bound.entrySet().removeIf(known -> {
            boolean gone = !present.contains(known.getKey());
            if (gone) {
                known.getValue().close();
            }
            return gone;
        });
        for (LoadBalancer pool : present) {
            bound.computeIfAbsent(pool, added -> ConnectionGauges.bind(registry, added, tags, counts));
        }
    }

    private void bindBudgets(MeterRegistry registry) {
        Map<BudgetKey, Meter> gauges = budgets.computeIfAbsent(registry, unknown -> new HashMap<>());
        Set<BudgetKey> present = new HashSet<>();
        present.addAll(bindBudgets(
                registry,
                gauges,
                "evenkeel.retry.budget",
                "further attempts that could be made now",
                () -> LoadBalancing.budgets(client)));
        if (hedging != null) {
            present.addAll(bindBudgets(
                    registry,
                    gauges,
                    "evenkeel.hedge.budget",
                    "second requests that could be sent now",
                    hedging::budgets));
        }
        gauges.entrySet().removeIf(known -> {
            boolean gone = !present.contains(known.getKey());
            if (gone) {
                registry.remove(known.getValue());
            }
            return gone;
        });
    }

    private Set<BudgetKey> bindBudgets(
            MeterRegistry registry,
            Map<BudgetKey, Meter> gauges,
            String name,
            String description,
            Supplier<List<RetryBudgetStatus>> budgetsNow) {
        Set<BudgetKey> present = new HashSet<>();
        for (RetryBudgetStatus budget : budgetsNow.get()) {
            BudgetKey account = new BudgetKey(name, budget.pool(), budget.route());
            present.add(account);
            gauges.computeIfAbsent(
                    account,
                    added -> Gauge.builder(name, () -> left(budgetsNow.get(), account))
                            .description(description)
                            .tags(tags.and("pool", account.pool(), "route", account.route()))
                            .register(registry));
        }
        return present;
    }

    private static double left(List<RetryBudgetStatus> budgets, BudgetKey whose) {
        for (RetryBudgetStatus budget : budgets) {
            if (budget.pool().equals(whose.pool()) && budget.route().equals(whose.route())) {
                return budget.left() == Integer.MAX_VALUE ? Double.POSITIVE_INFINITY : budget.left();
            }
        }
        return Double.NaN;
    }

    /** Removes every meter. The client and its pools stay as they are. */
    @Override
    public synchronized void close() {
        pools.values().forEach(PoolMetrics::close);
        pools.clear();
        budgets.forEach((registry, gauges) -> gauges.values().forEach(registry::remove));
        budgets.clear();
        connections.values().forEach(bound -> bound.values().forEach(ConnectionGauges::close));
        connections.clear();
    }
}
