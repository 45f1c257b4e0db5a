package dev.evenkeel.lb.okhttp.affinity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys by which requests that belong together meet one backend. */
class AffinityKeysTest {
    private final List<TestBackend> backends = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        for (String name : List.of("a", "b", "c", "d")) {
            backends.add(TestBackend.start(name, Wire.H1));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (TestBackend backend : backends) {
            backend.close();
        }
    }

    private LoadBalancer pool(LoadBalancingStrategy strategy) {
        return LoadBalancers.builder("users")
                .backends(backends.stream().map(TestBackend::backend).toList())
                .strategy(strategy)
                .build();
    }

    private static OkHttpClient client(LoadBalancingBuilder builder, LoadBalancer pool) {
        return builder.pools(pool).attach(TestBackend.client(Wire.H1).build());
    }

    private static Request.Builder request(String rest) {
        return new Request.Builder().url("http://users" + rest);
    }

    private static String server(OkHttpClient client, Request.Builder request) throws IOException {
        try (Response response = client.newCall(request.build()).execute()) {
            response.body().string();
            return requireNonNull(response.header("Backend"));
        }
    }

    @Test
    void oneKey_meetsOneBackend_andKeysSpread() throws IOException {
        try (LoadBalancer pool = pool(Strategies.consistentHash())) {
            OkHttpClient client = client(LoadBalancing.builder().affinityKey(AffinityKey.header("X-User")), pool);
            Set<String> all = new HashSet<>();
            for (int user = 0; user < 40; user++) {
                Set<String> met = new HashSet<>();
                for (int i = 0; i < 5; i++) {
                    met.add(server(client, request("/" + i).header("X-User", "user " + user)));
                }
                assertThat(met).hasSize(1);
                all.addAll(met);
            }
            assertThat(all).hasSize(4);
        }
    }

    @Test
    void deadOwner_isPassedOver_andOthersStay() throws Exception {
        try (LoadBalancer pool = pool(Strategies.consistentHash())) {
            OkHttpClient client = client(LoadBalancing.builder().affinityKey(AffinityKey.path()), pool);
            String owner = server(client, request("/cart"));
            for (TestBackend backend : backends) {
                if (backend.backend().id().equals(owner)) {
                    backend.close();
                }
            }
            Set<String> substitutes = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                substitutes.add(server(client, request("/cart")));
            }
            assertThat(substitutes).hasSize(1).doesNotContain(owner);
        }
    }

    @Test
    void oneAddress_meetsOneBackend_andNetworksSpread() throws IOException {
        try (LoadBalancer pool = pool(Strategies.ipHash())) {
            OkHttpClient client = client(LoadBalancing.builder().clientAddress(ClientAddress.forwardedFor()), pool);
            Set<String> all = new HashSet<>();
            for (int net = 0; net < 40; net++) {
                Set<String> met = new HashSet<>();
                for (int i = 0; i < 5; i++) {
                    met.add(server(
                            client, request("/x").header("X-Forwarded-For", "10.0." + net + "." + i + ", 192.0.2.1")));
                }
                assertThat(met).hasSize(1);
                all.addAll(met);
            }
            assertThat(all).hasSize(4);
        }
    }

    @Test
    void keys_areFoundWhereTheySay() throws Exception {
        Request request = request("/a%20b/c?q=1&q=2&empty=")
                .header("X-User", "ann")
                .tag(Integer.class, 7)
                .tag(InetAddress.class, InetAddress.getByName("192.0.2.7"))
                .build();

        assertThat(AffinityKey.header("x-user").of(request)).isEqualTo("ann");
        assertThat(AffinityKey.query("q").of(request)).isEqualTo("1");
        assertThat(AffinityKey.path().of(request)).isEqualTo("/a%20b/c");
        assertThat(AffinityKey.tag(Integer.class).of(request)).isEqualTo("7");
        assertThat(AffinityKey.tag(String.class).of(request)).isNull();
        assertThat(AffinityKey.pathSegment(0).of(request)).isEqualTo("a b");
        assertThat(AffinityKey.pathSegment(1).of(request)).isEqualTo("c");
        assertThat(AffinityKey.pathSegment(2).of(request)).isNull();
        assertThat(AffinityKey.path(Pattern.compile("/([^/]+)$")).of(request)).isEqualTo("c");
        assertThat(AffinityKey.path(Pattern.compile("/users/(.*)")).of(request)).isNull();
        assertThat(AffinityKey.cookie("SID").of(request)).isNull();
        assertThat(AffinityKey.clientAddress(ClientAddress.forwardedFor().or(ClientAddress.tag()))
                        .of(request))
                .isEqualTo("192.0.2.7");
        assertThat(AffinityKey.header("none")
                        .or(AffinityKey.query("empty"))
                        .or(AffinityKey.query("q"))
                        .of(request))
                .isEqualTo("1");
    }

    @Test
    void badKeys_areRefused() {
        assertThatThrownBy(() -> AffinityKey.pathSegment(-1)).hasMessage("path segment must be 0 or more: -1");
        assertThatThrownBy(() -> AffinityKey.path(Pattern.compile("/users")))
                .hasMessage("path pattern must have a group, which is the key, such as /users/([^/]+): /users");
    }

    @Test
    void codeThatThrows_failsTheCall_andNothingElse() throws IOException {
        try (LoadBalancer pool = pool(Strategies.consistentHash())) {
            OkHttpClient client = client(
                    LoadBalancing.builder().affinityKey(request -> {
                        if (request.url().encodedPath().equals("/bad")) {
                            throw new IllegalStateException("no session");
                        }
                        return "key";
                    }),
                    pool);

            assertThatThrownBy(() -> server(client, request("/bad?secret=1")))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "the affinity key of GET http://users/... is unknown, since the code that finds it threw"
                                    + " java.lang.IllegalStateException: no session")
                    .hasCauseInstanceOf(IllegalStateException.class);

            assertThat(pool.snapshot().inFlight()).isZero();
            assertThat(server(client, request("/good"))).isEqualTo(server(client, request("/good")));
        }
    }

    @Test
    void addressThatThrows_isNamed() {
        try (LoadBalancer pool = pool(Strategies.ipHash())) {
            OkHttpClient client = client(
                    LoadBalancing.builder().clientAddress(request -> {
                        throw new UnsupportedOperationException();
                    }),
                    pool);
            assertThatThrownBy(() -> server(client, request("/")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the client address of GET http://users/... is unknown");
        }
    }

    @Test
    void null_isRefused() {
        assertThatThrownBy(() -> LoadBalancing.builder().affinityKey(null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("affinityKey");
    }
}
