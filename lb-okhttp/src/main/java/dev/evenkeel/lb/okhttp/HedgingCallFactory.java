package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.okhttp.internal.call.AttemptFailure;
import dev.evenkeel.lb.okhttp.internal.call.HedgeTag;
import dev.evenkeel.lb.okhttp.internal.hedging.HedgePolicies;
import dev.evenkeel.lb.okhttp.internal.hedging.HedgedCall;
import dev.evenkeel.lb.okhttp.internal.routing.RouteEntry;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Makes calls that are also sent to a second backend if the first is slow; the better response is returned, and the
 * other request is cancelled. Made by {@link LoadBalancing#hedging}; goes wherever a {@link Call.Factory} goes, such as
 * Retrofit's {@code callFactory}.
 *
 * <p>The second request runs as an asynchronous call on the client's Dispatcher. No thread waits for it, and none is
 * ours: the delay is kept by Okio's watchdog, as OkHttp's timeouts are. The client's call timeout spans both requests.
 * A listener that is added to a call, and a tag, belong to the first request.
 *
 * <p>A request to a host without a pool, or one that must not be repeated, becomes an ordinary call of the client.
 *
 * <p>Thread-safe.
 */
public final class HedgingCallFactory implements Call.Factory {
    private final OkHttpClient client;
    private final HedgePolicies policies;

    HedgingCallFactory(OkHttpClient client, Supplier<@Nullable HedgePolicy> policy) {
        this.client = client;
        this.policies = new HedgePolicies(policy);
    }

    @Override
    public Call newCall(Request request) {
        RouteEntry entry = entry(request);
        if (entry == null
                || policies.policy(entry.dispatches().get(0).destination()) == null
                || !entry.settings().retries().isIdempotent(request)
                || !AttemptFailure.isReplayable(request)
                || request.tag(HedgeTag.class) != null) {
            return client.newCall(request);
        }
        return new HedgedCall(client, policies, request);
    }

    private @Nullable RouteEntry entry(Request request) {
        for (okhttp3.Interceptor interceptor : client.interceptors()) {
            if (interceptor instanceof LoadBalancingInterceptor attached) {
                try {
                    RouteEntry entry = attached.find(request, client.cookieJar());
                    if (entry != null) {
                        return entry;
                    }
                } catch (IOException e) {
                    // The call itself will fail with it.
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
     * @return one for each pool that a policy is in force for, and one for each pool of a route that has a policy of
     *     its own; in the order of their names
     */
    public List<RetryBudgetStatus> budgets() {
        long nowNanos = System.nanoTime();
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).dispatches())
                .flatMap(dispatch -> Stream.ofNullable(policies.status(dispatch.destination(), nowNanos)))
                .distinct()
                .sorted(Comparator.comparing(RetryBudgetStatus::pool).thenComparing(RetryBudgetStatus::route))
                .toList();
    }
}
