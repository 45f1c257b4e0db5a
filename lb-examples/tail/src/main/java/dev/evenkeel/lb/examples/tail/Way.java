package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.examples.common.ServerProgram;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** One way from a client to the same servers, with all that stands on it. */
final class Way implements AutoCloseable {
    private static final int IDLE_CONNECTIONS = 256;

    final String name;
    final Call.Factory calls;
    final Request request;
    final @Nullable ServerProgram proxy;
    private final OkHttpClient client;
    private final @Nullable LoadBalancer pool;

    private Way(
            String name,
            Call.Factory calls,
            OkHttpClient client,
            String authority,
            @Nullable LoadBalancer pool,
            @Nullable ServerProgram proxy) {
        this.name = name;
        this.calls = calls;
        this.client = client;
        this.request = new Request.Builder().url("http://" + authority + "/").build();
        this.pool = pool;
        this.proxy = proxy;
    }

    /** Every way has as many connections as it wants. */
    private static OkHttpClient plain() {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(4096);
        dispatcher.setMaxRequestsPerHost(4096);
        return new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 5, TimeUnit.MINUTES))
                .build();
    }

    /** To one server alone. */
    static Way direct(String address) {
        OkHttpClient client = plain();
        return new Way("direct, one backend", client, client, address, null, null);
    }

    /** What people write when they need a load balancer and have an afternoon. */
    static Way rewriting(List<String> addresses) {
        List<HttpUrl> urls = addresses.stream()
                .map(address -> HttpUrl.get("http://" + address + "/"))
                .toList();
        AtomicInteger counter = new AtomicInteger();
        Interceptor rotating = chain -> {
            HttpUrl backend = urls.get(Integer.remainderUnsigned(counter.getAndIncrement(), urls.size()));
            HttpUrl url = chain.request()
                    .url()
                    .newBuilder()
                    .host(backend.host())
                    .port(backend.port())
                    .build();
            return chain.proceed(chain.request().newBuilder().url(url).build());
        };
        OkHttpClient client = plain().newBuilder().addInterceptor(rotating).build();
        return new Way("rewriting interceptor, round robin", client, client, "users", null, null);
    }

    /** With the balancer inside. */
    static Way evenkeel(String strategy, List<String> addresses) {
        LoadBalancer pool = pool(strategy, addresses);
        OkHttpClient client = LoadBalancing.attach(plain(), pool);
        return new Way("Evenkeel, " + strategy, client, client, "users", pool, null);
    }

    /** With the balancer inside, and nothing to balance: what a call costs beside one that goes direct to the same server. */
    static Way evenkeelOfOne(String strategy, String address) {
        LoadBalancer pool = pool(strategy, List.of(address));
        OkHttpClient client = LoadBalancing.attach(plain(), pool);
        return new Way("Evenkeel, " + strategy + ", one backend", client, client, "users", pool, null);
    }

    /** With the balancer inside, and hedging. */
    static Way hedged(String strategy, List<String> addresses) {
        LoadBalancer pool = pool(strategy, addresses);
        OkHttpClient client = LoadBalancing.attach(plain(), pool);
        Call.Factory calls = LoadBalancing.hedging(client, HedgePolicy.standard());
        return new Way("Evenkeel, " + strategy + ", hedged", calls, client, "users", pool, null);
    }

    private static LoadBalancer pool(String strategy, List<String> addresses) {
        return LoadBalancers.builder("users")
                .strategy(Strategies.byName(strategy))
                .backends(addresses.stream()
                        .map(address -> Backend.of("http://" + address))
                        .toList())
                .build();
    }

    /** Through Debian's HAProxy. */
    static Way haproxy(Path parent, String balance, List<String> addresses) throws IOException {
        ServerProgram proxy = Proxies.haproxy(parent, balance, addresses);
        OkHttpClient client = plain();
        return new Way("HAProxy, " + balance, client, client, proxy.address(), null, proxy);
    }

    /** Through Debian's nginx; the method is empty for round robin. */
    static Way nginx(Path parent, String method, List<String> addresses) throws IOException {
        ServerProgram proxy = Proxies.nginx(parent, method, addresses);
        OkHttpClient client = plain();
        String name = method.isEmpty() ? "roundrobin" : method.replace(";", "");
        return new Way("NGINX, " + name, client, client, proxy.address(), null, proxy);
    }

    /** One call, its body read. */
    boolean succeeds() {
        try (Response response = calls.newCall(request).execute()) {
            response.body().bytes();
            return response.isSuccessful();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        if (pool != null) {
            pool.close();
        }
        if (proxy != null) {
            proxy.close();
        }
    }
}
