package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

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
    private final Map<String, Dispatch> byHost;

    LoadBalancingInterceptor(Collection<LoadBalancer> balancers, Settings settings) {
        Map<String, Dispatch> claims = new HashMap<>();
        Classification classification = new Classification(settings.outcomes());
        for (LoadBalancer balancer : balancers) {
            AttachedPool pool = AttachedPool.of(balancer, classification, settings.retries(), settings.connections());
            claims.put(pool.host(), new Dispatch(pool, settings));
        }
        this.byHost = Map.copyOf(claims);
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Dispatch dispatch = byHost.get(chain.request().url().host());
        if (dispatch == null) {
            return chain.proceed(chain.request());
        }
        CallState call = CallState.of(chain.call());
        Hedge hedge = chain.request().tag(Hedge.class);
        call.begin(dispatch.pool, hedge == null ? List.of() : hedge.avoided());
        call.identify(chain.request(), chain.getCookieJar(), dispatch);
        return new Failover(dispatch, chain, call).send();
    }

    /** Opens connections beforehand, over the client that this interceptor has been attached to. */
    void warmUp(OkHttpClient attached, ConnectionPolicy.WarmUp plan) {
        for (Dispatch dispatch : byHost.values()) {
            dispatch.pool.warmUp(new Warmer(dispatch, plan, attached));
        }
    }

    @Nullable
    Dispatch dispatch(String host) {
        return byHost.get(host);
    }

    Set<String> hosts() {
        return byHost.keySet();
    }

    Stream<LoadBalancer> pools() {
        return byHost.values().stream().map(dispatch -> dispatch.pool.balancer());
    }
}
