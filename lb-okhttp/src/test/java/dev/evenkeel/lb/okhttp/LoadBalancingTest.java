package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What attach makes of a client, and what it refuses. */
class LoadBalancingTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    private LoadBalancer pool(String name) {
        LoadBalancer pool =
                LoadBalancers.builder(name).backends("http://127.0.0.1:1").build();
        open.add(pool);
        return pool;
    }

    @Test
    void dispatcher_keepsExecutorAndIdleCallback_andLosesTheLimitByHost() {
        ExecutorService executor = Executors.newCachedThreadPool();
        open.add(executor::shutdownNow);
        Dispatcher users = new Dispatcher(executor);
        Runnable idle = () -> {};
        users.setIdleCallback(idle);
        users.setMaxRequests(50);
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().dispatcher(users).build(), pool("users"));
        assertThat(client.dispatcher()).isNotSameAs(users);
        assertThat(client.dispatcher().executorService()).isSameAs(executor);
        assertThat(client.dispatcher().getIdleCallback()).isSameAs(idle);
        assertThat(client.dispatcher().getMaxRequests()).isEqualTo(50);
        assertThat(client.dispatcher().getMaxRequestsPerHost()).isEqualTo(Integer.MAX_VALUE);
        assertThat(users.getMaxRequestsPerHost()).isEqualTo(5);
    }

    @Test
    void dispatcher_withALimitByHostOfTheUsers_isKept() {
        Dispatcher users = new Dispatcher();
        users.setMaxRequestsPerHost(20);
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().dispatcher(users).build(), pool("users"));
        assertThat(client.dispatcher()).isSameAs(users);
    }

    @Test
    void dispatcher_defaultOverAllHosts_growsWithTheBackends() {
        String[] uris = new String[30];
        for (int i = 0; i < uris.length; i++) {
            uris[i] = "http://127.0.0.1:" + (i + 1);
        }
        LoadBalancer pool = LoadBalancers.builder("users").backends(uris).build();
        open.add(pool);
        assertThat(LoadBalancing.attach(new OkHttpClient(), pool).dispatcher().getMaxRequests())
                .isEqualTo(150);
        assertThat(LoadBalancing.attach(new OkHttpClient(), pool("users"))
                        .dispatcher()
                        .getMaxRequests())
                .isEqualTo(64);
    }

    @Test
    void connectionPool_isReplaced_unlessItIsToBeKept() {
        ConnectionPool users = new ConnectionPool();
        OkHttpClient client = new OkHttpClient.Builder().connectionPool(users).build();
        assertThat(LoadBalancing.attach(client, pool("users")).connectionPool()).isNotSameAs(users);
        assertThat(LoadBalancing.builder()
                        .pools(pool("users"))
                        .keepConnectionPool()
                        .attach(client)
                        .connectionPool())
                .isSameAs(users);
    }

    @Test
    void interceptor_isTheLastOne() {
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .addInterceptor(chain -> chain.proceed(chain.request()))
                        .build(),
                pool("users"));
        assertThat(client.interceptors()).hasSize(2);
        assertThat(client.interceptors().get(1)).isInstanceOf(LoadBalancingInterceptor.class);
    }

    @Test
    void secondAttach_ofAnotherPool_isAddedToTheFirst() {
        OkHttpClient client =
                LoadBalancing.attach(LoadBalancing.attach(new OkHttpClient(), pool("users")), pool("orders"));
        assertThat(client.interceptors()).hasSize(2);
    }

    @Test
    @SuppressWarnings("DataFlowIssue")
    void badArguments_areRefused() {
        assertRefused(
                "pools must not be empty: there is nothing to attach", () -> LoadBalancing.attach(new OkHttpClient()));
        assertRefused("client must not be null", () -> LoadBalancing.attach(null, pool("users")));
        assertRefused("pool must not be null", () -> LoadBalancing.attach(new OkHttpClient(), (LoadBalancer) null));
        assertRefused("pools must not be null", () -> LoadBalancing.attach(new OkHttpClient(), (LoadBalancer[]) null));
        assertRefused(
                "pools must have different names: two are called \"users\"",
                () -> LoadBalancing.attach(new OkHttpClient(), pool("users"), pool("USERS")));
        assertRefused(
                "the client must not have a pool of the same name attached already: \"users\"",
                () -> LoadBalancing.attach(LoadBalancing.attach(new OkHttpClient(), pool("users")), pool("users")));
        assertRefused(
                "maxAttempts must be 1..100: 0", () -> LoadBalancing.builder().maxAttempts(0));
        assertRefused(
                "maxIdleConnections must be at least 1: 0",
                () -> LoadBalancing.builder().maxIdleConnections(0));
        assertRefused(
                "addressing must not be null", () -> LoadBalancing.builder().addressing(null));
    }

    private static void assertRefused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
