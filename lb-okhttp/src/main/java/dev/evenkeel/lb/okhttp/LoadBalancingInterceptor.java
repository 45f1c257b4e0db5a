package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Sends the requests whose host is a pool's name to the pool's backends and lets every other request pass untouched.
 *
 * <p>Made by {@link LoadBalancing.Builder#interceptor()}. It must be added with {@code addInterceptor}, after every other
 * one; a network interceptor comes too late.
 *
 * <p>Prefer {@link LoadBalancing#attach}. An interceptor alone leaves two limits of OkHttp in force, which it cannot
 * reach:
 *
 * <ul>
 *   <li>{@link okhttp3.Dispatcher#setMaxRequestsPerHost}: 5 asynchronous calls at a time by default, and the host that is
 *       counted is the pool's name, however many backends it has. Synchronous calls are not limited.
 *   <li>{@link okhttp3.ConnectionPool}: 5 idle connections in all by default. With more backends than that, nearly every
 *       call opens a new connection.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class LoadBalancingInterceptor implements Interceptor {
    private final Map<String, AttachedPool> pools;
    private final Settings settings;

    LoadBalancingInterceptor(Collection<LoadBalancer> balancers, Settings settings) {
        Map<String, AttachedPool> byHost = new LinkedHashMap<>();
        for (LoadBalancer balancer : balancers) {
            AttachedPool pool = AttachedPool.of(balancer);
            byHost.put(pool.host(), pool);
        }
        this.pools = Map.copyOf(byHost);
        this.settings = settings;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        AttachedPool pool = pools.get(chain.request().url().host());
        if (pool == null) {
            return chain.proceed(chain.request());
        }
        CallState call = CallState.of(chain.call());
        call.begin(pool);
        return new Failover(pool, settings, chain, call).send();
    }

    Set<String> hosts() {
        return pools.keySet();
    }

    Collection<AttachedPool> pools() {
        return pools.values();
    }
}
