package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.internal.call.AttemptFailure;
import dev.evenkeel.lb.okhttp.internal.call.AttemptSender;
import dev.evenkeel.lb.okhttp.internal.call.HedgeTag;
import dev.evenkeel.lb.okhttp.internal.hedging.HedgedCall;
import dev.evenkeel.lb.okhttp.internal.routing.RouteEntry;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.route.Route;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls that are sent to a second backend when the first takes long; the better answer is handed out, and the other
 * request is cancelled. Made by {@link LoadBalancing#hedging}; goes wherever a {@link Call.Factory} goes, such as Retrofit's
 * {@code callFactory}.
 *
 * <p>The second request runs as an asynchronous call on the client's Dispatcher. No thread waits for it, and none is ours: the
 * delay is kept by Okio's watchdog, as OkHttp's timeouts are. The client's call timeout spans both requests. A listener that is
 * added to a call, and a tag, belong to the first request.
 *
 * <p>Requests to hosts without a pool, and those that must not be repeated, are ordinary calls of the client.
 *
 * <p>Thread-safe.
 */
public final class HedgingCallFactory implements Call.Factory {
    private static final int MAX_ACCOUNTS = 1_000;

    private final OkHttpClient client;
    private volatile @Nullable HedgePolicy policy;
    private final Map<Account, RetryBudget.Account> accounts = new ConcurrentHashMap<>();

    /**
     * Makes a factory.
     *
     * @param policy null for none but the routes' own
     */
    public HedgingCallFactory(OkHttpClient client, @Nullable HedgePolicy policy) {
        this.client = client;
        this.policy = policy;
    }

    @Override
    public Call newCall(Request request) {
        RouteEntry claim = claim(request);
        if (claim == null
                || policy(claim.dispatches().get(0)) == null
                || !claim.settings().retries().isIdempotent(request)
                || !AttemptFailure.isReplayable(request)
                || request.tag(HedgeTag.class) != null) {
            return client.newCall(request);
        }
        return new HedgedCall(this, request);
    }

    private @Nullable RouteEntry claim(Request request) {
        for (okhttp3.Interceptor interceptor : client.interceptors()) {
            if (interceptor instanceof LoadBalancingInterceptor attached) {
                try {
                    RouteEntry claim = attached.claim(request, client.cookieJar());
                    if (claim != null) {
                        return claim;
                    }
                } catch (IOException e) {
                    // The call will fail with it.
                    return null;
                }
            }
        }
        return null;
    }

    /**
     * The client whose calls these are.
     *
     * @return one with pools attached
     */
    public OkHttpClient client() {
        return client;
    }

    /**
     * What is left of the budgets for second requests.
     *
     * @return one for each pool that a policy is in force for, and one for each pool of a route that has a policy of its own; in the
     *     order of their names
     */
    public List<RetryBudgetStatus> budgets() {
        long nowNanos = System.nanoTime();
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).dispatches())
                .flatMap(dispatch -> Stream.ofNullable(figures(dispatch, nowNanos)))
                .distinct()
                .sorted(Comparator.comparing(RetryBudgetStatus::pool).thenComparing(RetryBudgetStatus::route))
                .toList();
    }

    private @Nullable RetryBudgetStatus figures(AttemptSender dispatch, long nowNanos) {
        HedgePolicy chosen = policy(dispatch);
        if (chosen == null) {
            return null;
        }
        Route route = dispatch.route;
        String owner = route == null || route.hedging() == null ? "" : route.name();
        return new RetryBudgetStatus(
                dispatch.pool.name(), owner, account(dispatch, chosen).left(nowNanos));
    }

    /** Puts another policy in force, for the next call. */
    public void policy(@Nullable HedgePolicy next) {
        policy = next;
    }

    /** The route's, or else the factory's. */
    public @Nullable
    HedgePolicy policy(AttemptSender dispatch) {
        HedgePolicy routes = dispatch.route == null ? null : dispatch.route.hedging();
        return routes == null ? policy : routes;
    }

    public RetryBudget.Account account(AttemptSender dispatch, HedgePolicy chosen) {
        if (accounts.size() >= MAX_ACCOUNTS) {
            accounts.clear(); // Of configurations that are gone.
        }
        return accounts.computeIfAbsent(
                new Account(dispatch.pool, chosen), a -> chosen.budget().open(System.nanoTime()));
    }

    /** Whose account: each pool has one under each policy. */
    private record Account(AttachedPool pool, HedgePolicy policy) {}
}
