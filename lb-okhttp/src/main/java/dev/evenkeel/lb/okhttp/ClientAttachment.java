package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import dev.evenkeel.lb.okhttp.internal.call.NetworkEdits;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.routing.ClientRouting;
import dev.evenkeel.lb.okhttp.internal.steering.ClientLimits;
import dev.evenkeel.lb.okhttp.internal.steering.QueueDeadlock;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * A configuration and its attachment to a client.
 *
 * @param pools by the host that each claims
 * @param settings the settings of the client
 * @param routes in their order
 * @param edits whether requests or responses may have to be changed on the wire
 * @param keepConnectionPool whether the client keeps its own ConnectionPool
 * @param maxIdleConnections of a new ConnectionPool; negative for the default
 * @param keepAlive of a new ConnectionPool; null for that of the client's
 */
record ClientAttachment(
        Map<String, LoadBalancer> pools,
        ClientConfig settings,
        List<Route> routes,
        boolean edits,
        boolean keepConnectionPool,
        int maxIdleConnections,
        @Nullable Duration keepAlive) {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    /** Derives the client that has the pools attached. */
    OkHttpClient attach(OkHttpClient client) {
        checkNotAttached(client);
        int backends = backends(client);
        LoadBalancingInterceptor balancing = new LoadBalancingInterceptor(newRouting(client));
        OkHttpClient.Builder attached = client.newBuilder()
                .dispatcher(ClientLimits.dispatcher(client, backends))
                .addInterceptor(balancing);
        if (edits) {
            attached.addNetworkInterceptor(new NetworkEdits.EditInterceptor());
        }
        if (!keepConnectionPool) {
            attached.connectionPool(ClientLimits.connectionPool(client, backends, maxIdleConnections, keepAlive));
        }
        OkHttpClient result = attached.build();
        QueueDeadlock.watch(result.dispatcher());
        String shortage = ClientLimits.shortage(result.connectionPool(), backends);
        balancing.attached(changes(client, result) + (shortage == null ? "" : ": " + shortage));
        if (shortage != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "the ConnectionPool of the client of pools " + names() + ": " + shortage);
        }
        LOG.log(System.Logger.Level.DEBUG, () -> "attached " + LoadBalancing.describe(result));
        balancing.warmUp(result);
        return result;
    }

    private String names() {
        return pools.values().stream().map(LoadBalancer::name).collect(Collectors.joining(", ", "[", "]"));
    }

    /** What distinguishes an attached client from the one that it was derived from. */
    private String changes(OkHttpClient before, OkHttpClient after) {
        Dispatcher users = before.dispatcher();
        Dispatcher dispatcher = after.dispatcher();
        List<String> changes = new ArrayList<>();
        changes.add(edits ? "an interceptor and a network interceptor" : "an interceptor");
        if (dispatcher == users) {
            changes.add("its own Dispatcher (" + users.getMaxRequestsPerHost() + " asynchronous calls to a host)");
        } else {
            changes.add("a Dispatcher on the same executor (" + dispatcher.getMaxRequests()
                    + " asynchronous calls, without a limit to a host; it was " + users.getMaxRequests() + " and "
                    + users.getMaxRequestsPerHost() + ")");
        }
        String limits = OkHttpQuirks.limits(after.connectionPool())
                .map(pool -> " (" + pool.maxIdleConnections() + " idle connections, kept for " + pool.keepAlive() + ")")
                .orElse("");
        changes.add(
                after.connectionPool() == before.connectionPool()
                        ? "its own ConnectionPool" + limits
                        : "another ConnectionPool" + limits
                                + ", so bind metrics to connectionPool() of the attached client");
        return String.join("; ", changes);
    }

    /** Makes the interceptor of a client that is not known. */
    LoadBalancingInterceptor interceptor() {
        if (settings.connections().warmUp() != null) {
            throw new IllegalArgumentException(
                    "connections cannot be warmed up by an interceptor alone: it does not know"
                            + " its client; use attach");
        }
        return new LoadBalancingInterceptor(newRouting(null));
    }

    private ClientRouting newRouting(@Nullable OkHttpClient client) {
        RouteTable table = ClientRouting.table(pools.values(), routes);
        return ClientRouting.of(pools.values(), settings, table, client, client != null && edits);
    }

    /** Makes the routing that replaces another one. */
    ClientRouting nextRouting(ClientRouting before) {
        return before.next(pools.values(), settings, ClientRouting.table(pools.values(), routes));
    }

    private void checkNotAttached(OkHttpClient client) {
        for (Interceptor interceptor : client.interceptors()) {
            if (interceptor instanceof LoadBalancingInterceptor present) {
                present.hosts().filter(pools::containsKey).findFirst().ifPresent(host -> {
                    throw new IllegalArgumentException(
                            "the client must not have a pool of the same name attached already: \"" + host + "\"");
                });
            }
        }
    }

    /** The number of backends of these pools and of the client's present pools. */
    private int backends(OkHttpClient client) {
        Stream<LoadBalancer> present = client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).pools());
        return Stream.concat(pools.values().stream(), present)
                .mapToInt(pool -> pool.snapshot().backends().size())
                .sum();
    }
}
