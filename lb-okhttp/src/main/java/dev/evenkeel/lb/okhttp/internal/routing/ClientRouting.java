package dev.evenkeel.lb.okhttp.internal.routing;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.internal.affinity.Sessions;
import dev.evenkeel.lb.okhttp.internal.call.AttemptSender;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import dev.evenkeel.lb.okhttp.internal.call.ConnectionWarmer;
import dev.evenkeel.lb.okhttp.internal.call.Destination;
import dev.evenkeel.lb.okhttp.internal.call.NetworkEdits;
import dev.evenkeel.lb.okhttp.internal.call.SafeOutcomeClassifier;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import dev.evenkeel.lb.okhttp.route.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The routing configuration of one client, immutable: which requests go to pools, and what is done with them. A changed
 * configuration makes a new one, which takes over what has not changed: connections, budgets, counts.
 */
public final class ClientRouting {
    private static final ClientRouting NONE = new ClientRouting(RouteTable.EMPTY, null, true);

    public final RouteTable table;
    private final @Nullable OkHttpClient base;
    private final boolean wired;
    /** Entries by the host of URLs. */
    private final Map<String, RouteEntry> byHost = new HashMap<>();

    private final Map<Route, RouteEntry> byRoute = new HashMap<>();
    /** Pools by name. */
    private final Map<String, AttachedPool> pools = new HashMap<>();

    private final Map<AccountKey, RetryBudget.Account> accounts = new HashMap<>();
    private final Map<SessionsKey, Sessions> sessions = new HashMap<>();
    private final Map<MirrorKey, RequestMirror.Counts> counts = new HashMap<>();
    private final Map<SplitKey, WeightedSplitter> splitters = new HashMap<>();

    /** Key of the calls whose retries share a budget account. */
    private record AccountKey(AttachedPool pool, String route, RetryBudget budget) {
        /** Not the generated one, whose linkage the first call of a process would wait for. */
        @Override
        public int hashCode() {
            return Objects.hash(pool, route, budget);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof AccountKey key
                    && pool.equals(key.pool)
                    && route.equals(key.route)
                    && budget.equals(key.budget);
        }
    }

    /** Key of the calls that share a memory of sessions. */
    private record SessionsKey(AttachedPool pool, SessionPolicy policy) {}

    /** Key of the requests that share a splitter. */
    private record SplitKey(String route, Split split) {}

    /** Key of the copies that are counted together. */
    private record MirrorKey(String route, String pool) {}

    private ClientRouting(RouteTable table, @Nullable OkHttpClient base, boolean wired) {
        this.table = table;
        this.base = base;
        this.wired = wired;
    }

    /**
     * Makes a client's first routing.
     *
     * @param base the client that the mirrors' clients are derived from; null if unknown
     * @param wired whether the client has a {@link NetworkEdits.EditInterceptor}
     */
    public static ClientRouting of(
            Collection<LoadBalancer> balancers,
            ClientConfig settings,
            RouteTable table,
            @Nullable OkHttpClient base,
            boolean wired) {
        return new ClientRouting(table, base, wired).filled(balancers, settings, NONE);
    }

    /**
     * The table of routes to pools.
     *
     * @throws IllegalArgumentException if there is no pool, or the routes are not possible
     */
    public static RouteTable table(Collection<LoadBalancer> pools, List<Route> routes) {
        if (pools.isEmpty()) {
            throw new IllegalArgumentException("pools must not be empty: there is nothing to attach");
        }
        Set<String> names = new TreeSet<>();
        pools.forEach(pool -> names.add(pool.name()));
        List<String> faults = new ArrayList<>(RouteTable.faults(routes));
        for (Route route : routes) {
            Stream.concat(
                            route.target().pools().stream(),
                            route.mirrors().stream().map(Mirror::pool))
                    .filter(name -> !names.contains(name))
                    .forEach(name -> faults.add(
                            "route \"" + route.name() + "\": no pool is called \"" + name + "\"; there are " + names));
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
        return RouteTable.of(routes);
    }

    /** Makes the routing that replaces this one. */
    public ClientRouting next(Collection<LoadBalancer> balancers, ClientConfig settings, RouteTable next) {
        return new ClientRouting(next, base, wired).filled(balancers, settings, this);
    }

    private ClientRouting filled(Collection<LoadBalancer> balancers, ClientConfig settings, ClientRouting before) {
        SafeOutcomeClassifier classification = new SafeOutcomeClassifier(settings.outcomes());
        for (LoadBalancer balancer : balancers) {
            AttachedPool known = before.pools.get(balancer.name());
            AttachedPool pool = known != null
                            && known.balancer() == balancer
                            && known.connections().equals(settings.connections())
                    ? known
                    : AttachedPool.of(balancer, settings.connections());
            pools.put(balancer.name(), pool);
            AttemptSender sender = sender(pool, settings, null, classification, before);
            byHost.put(pool.host(), new RouteEntry(settings, List.of(sender), null, List.of()));
        }
        for (Route route : table.routes()) {
            byRoute.put(route, entry(route, settings.of(route), classification, before));
        }
        return this;
    }

    private RouteEntry entry(
            Route route, ClientConfig settings, SafeOutcomeClassifier classification, ClientRouting before) {
        List<AttemptSender> senders = new ArrayList<>();
        for (String name : route.target().pools()) {
            senders.add(sender(pool(name), settings, route, classification, before));
        }
        List<RequestMirror> mirrors = new ArrayList<>();
        for (Mirror mirror : route.mirrors()) {
            MirrorKey key = new MirrorKey(route.name(), mirror.pool());
            RequestMirror.Counts kept = before.counts.get(key);
            RequestMirror.Counts own = kept == null ? new RequestMirror.Counts(route.name(), mirror.pool()) : kept;
            counts.put(key, own);
            Destination copies = Destination.of(
                    pool(mirror.pool()),
                    settings.once(),
                    route,
                    settings.retries().budget().open(System.nanoTime()),
                    classification,
                    null);
            declareSubset(copies.pool(), settings);
            AttemptSender sender = new AttemptSender(copies, true, hasTlsFallback());
            mirrors.add(new RequestMirror(mirror, new MirrorClient(mirror, sender, own.connections, base), own));
        }
        WeightedSplitter splitter =
                route.target() instanceof Split split ? splitter(new SplitKey(route.name(), split), before) : null;
        return new RouteEntry(settings, List.copyOf(senders), splitter, List.copyOf(mirrors));
    }

    private WeightedSplitter splitter(SplitKey key, ClientRouting before) {
        WeightedSplitter kept = before.splitters.get(key);
        WeightedSplitter own = kept == null ? WeightedSplitter.of(key.split()) : kept;
        splitters.put(key, own);
        return own;
    }

    private AttemptSender sender(
            AttachedPool pool,
            ClientConfig settings,
            @Nullable Route route,
            SafeOutcomeClassifier classification,
            ClientRouting before) {
        RetryBudget budget = settings.retries().budget();
        // A route without a policy of its own shares the pool's account: the budget protects the pool.
        String owner = route == null || route.retries() == null ? "" : route.name();
        AccountKey key = new AccountKey(pool, owner, budget);
        RetryBudget.Account account = accounts.computeIfAbsent(key, k -> {
            RetryBudget.Account kept = before.accounts.get(k);
            return kept == null ? budget.open(System.nanoTime()) : kept;
        });
        declareSubset(pool, settings);
        Sessions remembered = sessions(pool, settings.sessions(), before);
        return new AttemptSender(
                Destination.of(pool, settings, route, account, classification, remembered), wired, hasTlsFallback());
    }

    private boolean hasTlsFallback() {
        return base != null
                && base.connectionSpecs().stream().filter(ConnectionSpec::isTls).count() > 1;
    }

    /** Declares the keys of the subset that the client or a route asks for, before its first request. */
    private static void declareSubset(AttachedPool pool, ClientConfig settings) {
        Subset subset = settings.subset();
        if (subset != null) {
            pool.balancer().declareSubsets(subset.metadata().keySet());
        }
    }

    /** Returns the sessions of a pool under a policy: the former ones, so that no session is forgotten. */
    private @Nullable Sessions sessions(AttachedPool pool, @Nullable SessionPolicy policy, ClientRouting before) {
        if (policy == null) {
            return null;
        }
        return sessions.computeIfAbsent(new SessionsKey(pool, policy), key -> {
            Sessions kept = before.sessions.get(key);
            return kept == null ? new Sessions(pool.balancer(), policy) : kept;
        });
    }

    /** Opens connections beforehand to the backends of pools that want it and do not do so yet. */
    public void warmUp(OkHttpClient attached) {
        for (RouteEntry entry : byHost.values()) {
            AttemptSender sender = entry.senders().get(0);
            AttachedPool pool = sender.destination().pool();
            ConnectionPolicy.WarmUp plan = pool.connections().warmUp();
            if (plan != null && !pool.isWarming()) {
                pool.warmUp(new ConnectionWarmer(sender, plan, attached));
            }
        }
    }

    private AttachedPool pool(String name) {
        AttachedPool pool = pools.get(name);
        if (pool == null) {
            throw new IllegalArgumentException("no pool is called \"" + name + "\"");
        }
        return pool;
    }

    /** Finds the entry of a request; null if there is none. */
    public @Nullable RouteEntry find(Request request, CookieJar cookies) throws IOException {
        Route route = table.find(request, cookies);
        return route == null ? byHost.get(request.url().host()) : byRoute.get(route);
    }

    public Stream<String> hosts() {
        return byHost.keySet().stream();
    }

    public Stream<LoadBalancer> balancers() {
        return pools.values().stream().map(AttachedPool::balancer);
    }

    public Stream<BackendConnections> connections() {
        return pools.values().stream().flatMap(pool -> pool.openConnections().stream());
    }

    public List<RetryBudgetStatus> budgets(long nowNanos) {
        return accounts.entrySet().stream()
                .map(account -> new RetryBudgetStatus(
                        account.getKey().pool().name(),
                        account.getKey().route(),
                        account.getValue().left(nowNanos)))
                .sorted(Comparator.comparing(RetryBudgetStatus::pool).thenComparing(RetryBudgetStatus::route))
                .toList();
    }

    /** The senders of all entries: of each pool, and of the pools of each route. */
    public Stream<AttemptSender> senders() {
        return Stream.concat(byHost.values().stream(), byRoute.values().stream())
                .flatMap(entry -> entry.senders().stream());
    }

    public List<MirrorStats> mirrors() {
        return table.routes().stream()
                .flatMap(route ->
                        route.mirrors().stream().map(mirror -> counts.get(new MirrorKey(route.name(), mirror.pool()))))
                .map(RequestMirror.Counts::figures)
                .toList();
    }

    /** Closes idle connections to pools and of mirrors that the next routing does not have. */
    public void releaseUnusedIn(ClientRouting next) {
        for (AttachedPool pool : pools.values()) {
            if (!next.pools.containsValue(pool)) {
                pool.detach();
            }
        }
        counts.forEach((key, own) -> {
            if (!next.counts.containsKey(key)) {
                own.close();
            }
        });
    }
}
