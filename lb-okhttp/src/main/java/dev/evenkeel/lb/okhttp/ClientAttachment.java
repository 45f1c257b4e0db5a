package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import dev.evenkeel.lb.okhttp.internal.call.NetworkEditInterceptor;
import dev.evenkeel.lb.okhttp.internal.routing.ClientRouting;
import dev.evenkeel.lb.okhttp.internal.steering.ClientLimits;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import okhttp3.ConnectionPool;
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
 */
record ClientAttachment(
        Map<String, LoadBalancer> pools,
        ClientConfig settings,
        List<Route> routes,
        boolean edits,
        boolean keepConnectionPool,
        int maxIdleConnections) {

    /** Derives the client that has the pools attached. */
    OkHttpClient attach(OkHttpClient client) {
        checkNotAttached(client);
        int backends = backends(client);
        LoadBalancingInterceptor balancing = new LoadBalancingInterceptor(newRouting(client));
        OkHttpClient.Builder attached = client.newBuilder()
                .dispatcher(ClientLimits.dispatcher(client, backends))
                .addInterceptor(balancing);
        if (edits) {
            attached.addNetworkInterceptor(new NetworkEditInterceptor());
        }
        if (!keepConnectionPool) {
            attached.connectionPool(connectionPool(backends));
        }
        OkHttpClient result = attached.build();
        balancing.warmUp(result);
        return result;
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

    private ConnectionPool connectionPool(int backends) {
        return maxIdleConnections < 0
                ? ClientLimits.connectionPool(backends)
                : ClientLimits.connectionPoolOf(maxIdleConnections);
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
