package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import dev.evenkeel.lb.okhttp.internal.call.AttemptSender;
import dev.evenkeel.lb.okhttp.internal.call.CallReport;
import dev.evenkeel.lb.okhttp.internal.call.CallState;
import dev.evenkeel.lb.okhttp.internal.call.HedgeTag;
import dev.evenkeel.lb.okhttp.internal.call.RetryingCall;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.okhttp.internal.routing.ClientRouting;
import dev.evenkeel.lb.okhttp.internal.routing.RequestMirror;
import dev.evenkeel.lb.okhttp.internal.routing.RouteEntry;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.CookieJar;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of routes, and requests whose host is a pool's name, to the pools' backends. Every other request
 * passes untouched.
 *
 * <p>Made by {@link LoadBalancingBuilder#interceptor()}. It must be added with {@code addInterceptor}, after every
 * other one; a network interceptor comes too late.
 *
 * <p>Prefer {@link LoadBalancing#attach}. An interceptor alone leaves two limits of OkHttp in force, which it cannot
 * reach:
 *
 * <ul>
 *   <li>{@link okhttp3.Dispatcher#setMaxRequestsPerHost}: 5 asynchronous calls at a time by default, and the host that
 *       is counted is the pool's name, however many backends it has. Synchronous calls are not limited.
 *   <li>{@link okhttp3.ConnectionPool}: 5 idle connections in all by default. With more backends than that, nearly
 *       every call opens a new connection.
 * </ul>
 *
 * <p>Each pass through it is a call to the pool's observers ({@link LoadBalancer#callEnded}), whatever its attempts; the
 * two requests of a hedged call are one. Measured is the time until the head of the response is returned, or until the
 * call has failed: the body is not part of it, so that a stream of an hour is not a call of an hour.
 *
 * <p>Thread-safe.
 */
public final class LoadBalancingInterceptor implements Interceptor {
    private volatile ClientRouting routing;
    /** Null for an interceptor alone. */
    private volatile @Nullable OkHttpClient attached;
    /** What was changed of the client; empty for an interceptor alone. */
    private volatile String changes = "";

    LoadBalancingInterceptor(ClientRouting routing) {
        this.routing = routing;
    }

    /** Notes what distinguishes the attached client from the one that it was derived from. */
    void attached(String changes) {
        this.changes = changes;
    }

    @Override
    public String toString() {
        String hosts = hosts().sorted().collect(Collectors.joining(", ", "pools [", "]"));
        return changes.isEmpty() ? hosts : hosts + ": " + changes;
    }

    /** The way of a call, from here down; each step knows the next one only. */
    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        // Routing comes first: the pool, its settings and its retries depend on the route. Without one, OkHttp goes on.
        RouteEntry entry = routing.find(request, chain.getCookieJar());
        if (entry == null) {
            return chain.proceed(request);
        }
        HedgeTag hedge = request.tag(HedgeTag.class);
        boolean second = hedge != null && hedge.second();
        // A split draws once for each call. The second request of a hedged call goes where the first went.
        AttemptSender chosen = hedge == null ? null : hedge.sender();
        AttemptSender sender = chosen == null ? entry.sender(request) : chosen;
        // The call listens to OkHttp's events from before its first attempt, and knows what binds it to backends.
        CallState call = CallState.of(chain.call());
        long startNanos = call.begin(sender.destination(), hedge == null ? List.of() : hedge.avoided(), second);
        Response response;
        try {
            // Mirrors copy once for each call, whatever its attempts.
            response = send(chain, sender, call, hedge, chosen == null ? entry.mirrors() : List.of());
        } catch (Throwable e) {
            CallReport.passEnded(call, CallReport.of(call, chain.call(), e), startNanos, hedge != null);
            throw e;
        }
        CallReport.passEnded(call, CallReport.of(call, response), startNanos, hedge != null);
        return response;
    }

    private static Response send(
            Chain chain, AttemptSender sender, CallState call, @Nullable HedgeTag hedge, List<RequestMirror> mirrors)
            throws IOException {
        // A request that cannot be identified is not copied.
        call.identify(chain.request(), chain.getCookieJar(), sender.destination());
        for (RequestMirror mirror : mirrors) {
            mirror.copy(chain, chain.request());
        }
        // The loop over attempts is above the pool, which picks anew for each of them. The pool is above steering,
        // which needs the pick. Both are above OkHttp's own interceptors: cache, cookies and redirects see the logical
        // URL.
        return new RetryingCall(sender, chain, call, hedge).send();
    }

    /** Opens connections beforehand, with the client that this interceptor is attached to. */
    void warmUp(OkHttpClient client) {
        attached = client;
        warmUp(routing);
    }

    private void warmUp(ClientRouting wanted) {
        OkHttpClient client = attached;
        if (client != null) {
            wanted.warmUp(client);
        }
    }

    /**
     * Changes the configuration while calls are under way. Calls that have begun keep the old configuration; later
     * calls go by the new one, as a whole. What both have in common is kept: the connections to the backends
     * of a pool, the account of a retry budget, the counts of a mirror.
     *
     * <p>An attached client keeps its Dispatcher and ConnectionPool, whose limits were made for the first
     * configuration. Where that one had neither routes nor forwarded headers nor credentials, and
     * {@link LoadBalancingBuilder#routes} was not called, the new one's work as
     * {@link LoadBalancingBuilder#interceptor} says.
     *
     * <p>Thread-safe.
     *
     * @param configuration pools and all settings
     * @throws IllegalArgumentException if there is no pool, or a route is not possible; then nothing changes
     */
    public synchronized void reconfigure(LoadBalancingBuilder configuration) {
        Preconditions.notNull(configuration, "configuration");
        ClientRouting before = routing;
        ClientRouting next = configuration.attachment().nextRouting(before);
        warmUp(next);
        routing = next;
        before.releaseUnusedIn(next);
    }

    /**
     * The routes in force.
     *
     * @return the table; empty without routes
     */
    public RouteTable routes() {
        return routing.table;
    }

    /** Finds the entry of a request; null if there is none. */
    @Nullable
    RouteEntry entry(Request request, CookieJar cookies) throws IOException {
        return routing.find(request, cookies);
    }

    Stream<String> hosts() {
        return routing.hosts();
    }

    Stream<LoadBalancer> pools() {
        return routing.balancers();
    }

    List<RetryBudgetStatus> budgets() {
        return routing.budgets(System.nanoTime());
    }

    Stream<AttemptSender> senders() {
        return routing.senders();
    }

    Stream<BackendConnections> connections() {
        return routing.connections();
    }

    List<MirrorStats> mirrors() {
        return routing.mirrors();
    }
}
