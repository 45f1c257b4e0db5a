package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import dev.evenkeel.lb.okhttp.internal.call.Attempt;
import dev.evenkeel.lb.okhttp.internal.call.CallFailure;
import dev.evenkeel.lb.okhttp.internal.call.CallState;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Attaches pools to OkHttp clients.
 *
 * <pre>{@code
 * OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
 * }</pre>
 *
 * <p>A pool claims the requests whose URL has the pool's name as its host, on any port; every other request passes
 * untouched.
 */
public final class LoadBalancing {
    private LoadBalancing() {}

    /**
     * Attaches pools to a client, with every default.
     *
     * @param client the client; it is not changed
     * @param pools at least one, each with a name of its own
     * @return an ordinary client, see {@link LoadBalancingBuilder#attach}
     * @throws IllegalArgumentException if an argument is null, there is no pool, two pools have one name, or the client
     *     has a pool of that name already
     * @throws IllegalStateException if the OkHttp in use is older than 5.4: the text names the jars that were found
     */
    public static OkHttpClient attach(OkHttpClient client, LoadBalancer... pools) {
        return builder().pools(pools).attach(client);
    }

    /**
     * Starts a configuration.
     *
     * @return a builder with every default and without pools
     */
    public static LoadBalancingBuilder builder() {
        return new LoadBalancingBuilder();
    }

    /**
     * Makes calls of a client that go to a second backend when the first takes long.
     *
     * <pre>{@code
     * Call.Factory calls = LoadBalancing.hedging(client, HedgePolicy.standard());
     * }</pre>
     *
     * @param client one with pools attached
     * @param policy when
     * @return a factory, for Retrofit's {@code callFactory} too
     * @throws IllegalArgumentException if an argument is null, or the client has no pool
     */
    public static HedgingCallFactory hedging(OkHttpClient client, HedgePolicy policy) {
        Preconditions.notNull(client, "client");
        Preconditions.notNull(policy, "policy");
        return hedging(client, () -> policy);
    }

    /**
     * The same with a policy that may change, such as one from a configuration of the application's own.
     *
     * @param client one with pools attached
     * @param policy asked at each call, on its thread; gives null while there is none, and then calls are hedged only
     *     on routes that have a policy of their own
     * @return a factory, for Retrofit's {@code callFactory} too
     * @throws IllegalArgumentException if an argument is null, or the client has no pool
     */
    public static HedgingCallFactory hedging(OkHttpClient client, Supplier<@Nullable HedgePolicy> policy) {
        Preconditions.notNull(client, "client");
        Preconditions.notNull(policy, "policy");
        if (client.interceptors().stream().noneMatch(LoadBalancingInterceptor.class::isInstance)) {
            throw new IllegalArgumentException(
                    "the client must have a pool attached: call LoadBalancing.attach first, and pass what it returns");
        }
        return new HedgingCallFactory(client, policy);
    }

    /**
     * What a call did until now.
     *
     * @param response a response of a client with pools attached, or one that an interceptor derived from it
     * @return empty if no pool claimed the request
     */
    public static Optional<CallTrace> trace(Response response) {
        Attempt attempt = response.request().tag(Attempt.class);
        return attempt == null ? Optional.empty() : Optional.of(attempt.callTrace());
    }

    /**
     * What a call did until now.
     *
     * @param call a call of a client with pools attached
     * @return empty if no pool has claimed its request, and for a wrapper that has no tags, such as the calls of
     *     OpenTelemetry's factory: use {@link #trace(Response)} or {@link #trace(Throwable)} then
     */
    public static Optional<CallTrace> trace(Call call) {
        try {
            CallState state = CallState.find(call);
            return state == null ? Optional.empty() : Optional.ofNullable(state.trace());
        } catch (AbstractMethodError e) {
            return Optional.empty(); // Made for OkHttp 4, whose calls have no tags.
        }
    }

    /**
     * What one request did until now: {@link #trace(Call)} without the attempts of the other request of a hedged call. For
     * network interceptors and others that make a span for each exchange; the last attempt is that of the exchange.
     *
     * @param call of a {@link okhttp3.Interceptor.Chain} of a client with pools attached
     * @return empty before the first attempt, and if no pool has claimed the request
     */
    public static Optional<CallTrace> ownTrace(Call call) {
        CallState state = CallState.find(call);
        return state == null ? Optional.empty() : Optional.ofNullable(state.ownTrace());
    }

    /**
     * What a call did before it failed.
     *
     * @param failure an exception that the call threw, or one that has it as a cause
     * @return empty if it was not one of a request whose attempts failed; for cancelled calls use {@link #trace(Call)}
     */
    public static Optional<CallTrace> trace(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 16; depth++) {
            if (cause instanceof CallFailure.Traced traced) {
                return Optional.of(traced.trace());
            } else if (cause instanceof NoBackendAvailableException unavailable) {
                return Optional.of(new CallTrace(unavailable.unavailable().pool(), List.of()));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /**
     * The interceptor of an attached client, to change its configuration.
     *
     * @param client a client
     * @return the last one; empty if the client has no pool
     */
    public static Optional<LoadBalancingInterceptor> interceptor(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .map(LoadBalancingInterceptor.class::cast)
                .reduce((first, second) -> second);
    }

    /**
     * What {@link #attach} has made of a client: its pools, and what it changed of the client that it was given. For logs
     * and people, not for programs.
     *
     * @param client a client
     * @return one line; what was changed is missing if the interceptor was added by hand
     */
    public static String describe(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        List<String> attachments = client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .map(Object::toString)
                .toList();
        return attachments.isEmpty() ? "no pools" : String.join("; ", attachments);
    }

    /**
     * The pools of a client.
     *
     * @param client a client
     * @return empty if it has none
     */
    public static List<LoadBalancer> pools(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).pools())
                .toList();
    }

    /**
     * What is left of a client's retry budgets.
     *
     * @param client a client
     * @return one for each pool, and one for each pool of a route that has a retry policy of its own
     */
    public static List<RetryBudgetStatus> budgets(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).budgets().stream())
                .toList();
    }

    /**
     * The counts of copies that the mirrors of a client's routes have sent.
     *
     * @param client a client
     * @return in the order of the routes; empty if there is no mirror
     */
    public static List<MirrorStats> mirrors(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).mirrors().stream())
                .toList();
    }

    /**
     * The connections that a client has open to each backend of its pools. Costs time in proportion to the number of
     * backends.
     *
     * @param client the client
     * @return one for each present backend of each pool, without connections too; empty if the client has no pools
     */
    public static List<BackendConnections> connections(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).connections())
                .toList();
    }
}
