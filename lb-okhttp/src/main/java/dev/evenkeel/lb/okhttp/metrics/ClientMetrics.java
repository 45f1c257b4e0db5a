package dev.evenkeel.lb.okhttp.metrics;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.metrics.PoolMetrics;
import dev.evenkeel.lb.okhttp.BudgetFigures;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Binds the pools that a client has now to a Micrometer registry: for each pool the meters of {@link PoolMetrics}, and as a gauge
 * {@code evenkeel.retry.budget}, with the tags {@code pool} and {@code route} (empty for the pool's own), how many further
 * attempts the client could make; infinite without a limit. Of a client that hedges, {@code evenkeel.hedge.budget} says the same of
 * second requests.
 *
 * <pre>{@code
 * new ClientMetrics(client).bindTo(registry);
 * }</pre>
 *
 * <p>Of several clients that share a pool, one has {@code ClientMetrics}, or each has them with a tag of its own.
 *
 * <p>Thread-safe.
 */
public final class ClientMetrics implements MeterBinder, AutoCloseable {
    private final OkHttpClient client;
    /** Null without hedging. */
    private final @Nullable HedgingCallFactory hedging;

    private final Tags tags;
    private final List<PoolMetrics> pools = new ArrayList<>();
    private final Map<MeterRegistry, List<Meter>> budgets = new ConcurrentHashMap<>();

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
        for (LoadBalancer pool : LoadBalancing.pools(client)) {
            pools.add(new PoolMetrics(pool, this.tags));
        }
        if (pools.isEmpty()) {
            throw new IllegalArgumentException(
                    "the client must have a pool attached: call LoadBalancing.attach first, and pass what it returns");
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        pools.forEach(pool -> pool.bindTo(registry));
        budgets.computeIfAbsent(registry, this::bindBudgets);
    }

    private List<Meter> bindBudgets(MeterRegistry registry) {
        List<Meter> gauges = bindBudgets(
                registry,
                "evenkeel.retry.budget",
                "further attempts that could be made now",
                () -> LoadBalancing.budgets(client));
        if (hedging != null) {
            gauges.addAll(bindBudgets(
                    registry, "evenkeel.hedge.budget", "second requests that could be sent now", hedging::budgets));
        }
        return gauges;
    }

    private List<Meter> bindBudgets(
            MeterRegistry registry, String name, String description, Supplier<List<BudgetFigures>> budgetsNow) {
        List<Meter> gauges = new ArrayList<>();
        for (BudgetFigures budget : budgetsNow.get()) {
            gauges.add(Gauge.builder(name, () -> left(budgetsNow.get(), budget))
                    .description(description)
                    .tags(tags.and("pool", budget.pool(), "route", budget.route()))
                    .register(registry));
        }
        return gauges;
    }

    private static double left(List<BudgetFigures> budgets, BudgetFigures whose) {
        for (BudgetFigures budget : budgets) {
            if (budget.pool().equals(whose.pool()) && budget.route().equals(whose.route())) {
                return budget.left() == Integer.MAX_VALUE ? Double.POSITIVE_INFINITY : budget.left();
            }
        }
        return Double.NaN;
    }

    /** Removes every meter. The client and its pools stay as they are. */
    @Override
    public void close() {
        pools.forEach(PoolMetrics::close);
        budgets.forEach((registry, gauges) -> gauges.forEach(registry::remove));
        budgets.clear();
    }
}
