package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks.PoolLimits;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.okhttp3.OkHttpConnectionPoolMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private static OkHttpClient clientWith(ConnectionPool connections) {
        return new OkHttpClient.Builder().connectionPool(connections).build();
    }

    private static PoolLimits limits(OkHttpClient client) {
        return OkHttpQuirks.limits(client.connectionPool()).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"300, 42", "10, 42", "5, 42", "6, 300"})
    void connectionPool_withLimitsOfTheUsers_isKept(int maxIdleConnections, long keepAliveSeconds) {
        ConnectionPool users = new ConnectionPool(maxIdleConnections, keepAliveSeconds, TimeUnit.SECONDS);
        OkHttpClient attached = LoadBalancing.attach(clientWith(users), pool("users"));
        assertThat(attached.connectionPool()).isSameAs(users);
    }

    @Test
    void connectionPool_withOkHttpsLimits_isReplacedByALargeOne() {
        assertThat(limits(LoadBalancing.attach(new OkHttpClient(), pool("users"))))
                .isEqualTo(new PoolLimits(256, Duration.ofMinutes(5)));
    }

    /** As Micrometer reads it. */
    private static double connections(ConnectionPool bound) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new OkHttpConnectionPoolMetrics(bound).bindTo(registry);
        return registry.get("okhttp.pool.connection.count").gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    @Test
    void metricsOfTheUsersConnectionPool_readThePoolInUse_howeverSmallItIs() throws IOException {
        try (TestBackend first = TestBackend.start("first");
                TestBackend second = TestBackend.start("second");
                RecordingPool pool = RecordingPool.of(first, second)) {
            ConnectionPool users = new ConnectionPool(6, 1, TimeUnit.MINUTES);
            OkHttpClient attached = LoadBalancing.attach(clientWith(users), pool);
            assertThat(connections(users)).isZero();
            Calls.body(attached, "http://users/x");
            Calls.body(attached, "http://users/x");
            assertThat(connections(users)).isEqualTo(2);
        }
    }

    @Test
    void metricsOfTheAttachedClientsConnectionPool_readThePoolInUse() throws IOException {
        try (TestBackend backend = TestBackend.start("backend");
                RecordingPool pool = RecordingPool.of(backend)) {
            OkHttpClient attached = LoadBalancing.attach(new OkHttpClient(), pool);
            Calls.body(attached, "http://users/x");
            assertThat(connections(attached.connectionPool())).isEqualTo(1);
        }
    }

    @Test
    void connectionPool_thatIsTooSmall_isDescribedAsSuch() {
        LoadBalancer users = LoadBalancers.builder("users")
                .backends("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")
                .build();
        open.add(users);
        OkHttpClient small = clientWith(new ConnectionPool(2, 42, TimeUnit.SECONDS));
        assertThat(LoadBalancing.describe(LoadBalancing.attach(small, users)))
                .endsWith(
                        "its own ConnectionPool (2 idle connections, kept for PT42S): 2 idle connections are too few for 3"
                                + " backends, and calls connect anew; 256 would do: give the client a larger ConnectionPool, or"
                                + " let attach make one with maxIdleConnections(256)");
        OkHttpClient large = clientWith(new ConnectionPool(3, 42, TimeUnit.SECONDS));
        assertThat(LoadBalancing.describe(LoadBalancing.attach(large, users)))
                .endsWith("its own ConnectionPool (3 idle connections, kept for PT42S)");
    }

    @Test
    void connectionPool_hasTheLimitsThatWereAskedFor() {
        OkHttpClient large = clientWith(new ConnectionPool(300, 42, TimeUnit.SECONDS));
        assertThat(limits(LoadBalancing.builder()
                        .pools(pool("users"))
                        .maxIdleConnections(7)
                        .attach(large)))
                .isEqualTo(new PoolLimits(7, Duration.ofSeconds(42)));
        assertThat(limits(LoadBalancing.builder()
                        .pools(pool("users"))
                        .keepAliveDuration(Duration.ofSeconds(9))
                        .attach(large)))
                .isEqualTo(new PoolLimits(300, Duration.ofSeconds(9)));
    }

    @Test
    void description_saysWhatAttachHasChanged() {
        OkHttpClient attached = LoadBalancing.attach(new OkHttpClient(), pool("users"));
        assertThat(LoadBalancing.describe(attached))
                .isEqualTo("pools [users]: an interceptor; a Dispatcher on the same executor (64 asynchronous calls,"
                        + " without a limit to a host; it was 64 and 5); another ConnectionPool (256 idle connections,"
                        + " kept for PT5M), so bind metrics to connectionPool() of the attached client");
        assertThat(LoadBalancing.describe(new OkHttpClient())).isEqualTo("no pools");
        OkHttpClient byHand = new OkHttpClient.Builder()
                .addInterceptor(LoadBalancing.builder().pools(pool("orders")).interceptor())
                .build();
        assertThat(LoadBalancing.describe(byHand)).isEqualTo("pools [orders]");
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
