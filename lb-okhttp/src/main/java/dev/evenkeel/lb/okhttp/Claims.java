package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.route.Mirror;
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
import java.util.stream.Stream;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an interceptor goes by, as one immutable value: which requests are claimed, and what is done with them. A
 * change of the configuration makes a new one, which takes over what has not changed: connections, budgets, counts.
 */
final class Claims {
    private static final Claims NONE = new Claims(RouteTable.EMPTY, null, true);

    final RouteTable table;
    private final @Nullable OkHttpClient base;
    private final boolean wired;
    /** By the host of URLs. */
    private final Map<String, Claim> byHost = new HashMap<>();

    private final Map<Route, Claim> byRoute = new HashMap<>();
    /** By the pool's name. */
    private final Map<String, AttachedPool> pools = new HashMap<>();

    private final Map<Account, RetryBudget.Account> accounts = new HashMap<>();
    private final Map<Memory, Sessions> sessions = new HashMap<>();
    private final Map<Copies, Mirroring.Counts> counts = new HashMap<>();
    private final Map<Deal, Shares> deals = new HashMap<>();

    /** Whose retries are counted together. */
    private record Account(AttachedPool pool, String route, RetryBudget budget) {}

    /** Whose sessions are remembered together. */
    private record Memory(AttachedPool pool, SessionPolicy policy) {}

    /** Which requests are dealt out together. */
    private record Deal(String route, Split split) {}

    /** Which copies are counted together. */
    private record Copies(String route, String pool) {}

    private Claims(RouteTable table, @Nullable OkHttpClient base, boolean wired) {
        this.table = table;
        this.base = base;
        this.wired = wired;
    }

    /**
     * Makes the first one.
     *
     * @param base the client that the mirrors' clients are made after; null if unknown
     * @param wired whether the client has a {@link WireInterceptor}
     */
    static Claims of(
            Collection<LoadBalancer> balancers,
            Settings settings,
            RouteTable table,
            @Nullable OkHttpClient base,
            boolean wired) {
        return new Claims(table, base, wired).filled(balancers, settings, NONE);
    }

    /** Makes the next one. */
    Claims next(Collection<LoadBalancer> balancers, Settings settings, RouteTable next) {
        return new Claims(next, base, wired).filled(balancers, settings, this);
    }

    private Claims filled(Collection<LoadBalancer> balancers, Settings settings, Claims before) {
        Classification classification = new Classification(settings.outcomes());
        for (LoadBalancer balancer : balancers) {
            AttachedPool known = before.pools.get(balancer.name());
            AttachedPool pool = known != null
                            && known.balancer() == balancer
                            && known.connections().equals(settings.connections())
                    ? known
                    : AttachedPool.of(balancer, settings.connections());
            pools.put(balancer.name(), pool);
            Dispatch dispatch = dispatch(pool, settings, null, classification, before);
            byHost.put(pool.host(), new Claim(settings, List.of(dispatch), null, List.of()));
        }
        for (Route route : table.routes()) {
            byRoute.put(route, claim(route, settings.of(route), classification, before));
        }
        return this;
    }

    private Claim claim(Route route, Settings settings, Classification classification, Claims before) {
        List<Dispatch> dispatches = new ArrayList<>();
        for (String name : route.target().pools()) {
            dispatches.add(dispatch(pool(name), settings, route, classification, before));
        }
        List<Mirroring> mirrors = new ArrayList<>();
        for (Mirror mirror : route.mirrors()) {
            Copies copies = new Copies(route.name(), mirror.pool());
            Mirroring.Counts kept = before.counts.get(copies);
            Mirroring.Counts own = kept == null ? new Mirroring.Counts(route.name(), mirror.pool()) : kept;
            counts.put(copies, own);
            Dispatch dispatch = new Dispatch(
                    pool(mirror.pool()),
                    settings.once(),
                    route,
                    settings.retries().budget().open(System.nanoTime()),
                    classification,
                    null,
                    true);
            mirrors.add(new Mirroring(mirror, new MirrorClient(mirror, dispatch, own.connections, base), own));
        }
        Shares shares = route.target() instanceof Split split ? shares(new Deal(route.name(), split), before) : null;
        return new Claim(settings, List.copyOf(dispatches), shares, List.copyOf(mirrors));
    }

    private Shares shares(Deal deal, Claims before) {
        Shares kept = before.deals.get(deal);
        Shares own = kept == null ? Shares.of(deal.split()) : kept;
        deals.put(deal, own);
        return own;
    }

    private Dispatch dispatch(
            AttachedPool pool, Settings settings, @Nullable Route route, Classification classification, Claims before) {
        RetryBudget budget = settings.retries().budget();
        // A route without a policy of its own shares the pool's account: it is the pool that must not be overrun.
        String owner = route == null || route.retries() == null ? "" : route.name();
        Account key = new Account(pool, owner, budget);
        RetryBudget.Account account = accounts.computeIfAbsent(key, k -> {
            RetryBudget.Account kept = before.accounts.get(k);
            return kept == null ? budget.open(System.nanoTime()) : kept;
        });
        return new Dispatch(
                pool, settings, route, account, classification, sessions(pool, settings.sessions(), before), wired);
    }

    /** A session that is known stays known: under one policy a pool has one memory. */
    private @Nullable Sessions sessions(AttachedPool pool, @Nullable SessionPolicy policy, Claims before) {
        if (policy == null) {
            return null;
        }
        return sessions.computeIfAbsent(new Memory(pool, policy), memory -> {
            Sessions kept = before.sessions.get(memory);
            return kept == null ? new Sessions(pool.balancer(), policy) : kept;
        });
    }

    /** Opens connections to the backends of pools that want it and have not been told to yet. */
    void warmUp(OkHttpClient attached) {
        for (Claim claim : byHost.values()) {
            Dispatch dispatch = claim.dispatches().get(0);
            ConnectionPolicy.WarmUp plan = dispatch.pool.connections().warmUp();
            if (plan != null && !dispatch.pool.isWarming()) {
                dispatch.pool.warmUp(new Warmer(dispatch, plan, attached));
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

    /** The claim on a request; null if there is none. */
    @Nullable
    Claim find(Request request, CookieJar cookies) throws IOException {
        Route route = table.find(request, cookies);
        return route == null ? byHost.get(request.url().host()) : byRoute.get(route);
    }

    Stream<String> hosts() {
        return byHost.keySet().stream();
    }

    Stream<LoadBalancer> balancers() {
        return pools.values().stream().map(AttachedPool::balancer);
    }

    List<BudgetFigures> budgets(long nowNanos) {
        return accounts.entrySet().stream()
                .map(account -> new BudgetFigures(
                        account.getKey().pool().name(),
                        account.getKey().route(),
                        account.getValue().left(nowNanos)))
                .sorted(Comparator.comparing(BudgetFigures::pool).thenComparing(BudgetFigures::route))
                .toList();
    }

    /** Where claimed requests can go: to each pool, and to the pools of each route. */
    Stream<Dispatch> dispatches() {
        return Stream.concat(byHost.values().stream(), byRoute.values().stream())
                .flatMap(claim -> claim.dispatches().stream());
    }

    List<MirrorFigures> mirrors() {
        return table.routes().stream()
                .flatMap(route ->
                        route.mirrors().stream().map(mirror -> counts.get(new Copies(route.name(), mirror.pool()))))
                .map(Mirroring.Counts::figures)
                .toList();
    }

    /** Closes, as soon as they are idle, the connections to pools and of mirrors that the next one does not have. */
    void leaveTo(Claims next) {
        for (AttachedPool pool : pools.values()) {
            if (!next.pools.containsValue(pool)) {
                pool.leave();
            }
        }
        counts.forEach((copies, own) -> {
            if (!next.counts.containsKey(copies)) {
                own.leave();
            }
        });
    }
}
