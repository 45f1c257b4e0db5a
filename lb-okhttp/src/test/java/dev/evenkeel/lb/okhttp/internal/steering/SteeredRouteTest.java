package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.UnconnectedSocketFactory;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.internal.call.Attempt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the connection goes, and what the request looks like when it gets there. */
class SteeredRouteTest {
    private final List<TestBackend> servers = new ArrayList<>();
    private final List<RecordingPool> pools = new ArrayList<>();

    @AfterEach
    void close() {
        pools.forEach(RecordingPool::close);
        servers.forEach(TestBackend::close);
    }

    private TestBackend start(String name, Wire wire) {
        TestBackend backend = TestBackend.start(name, wire);
        servers.add(backend);
        return backend;
    }

    private RecordingPool pool(String name, Backend... backends) {
        RecordingPool pool = RecordingPool.named(name, List.of(backends));
        pools.add(pool);
        return pool;
    }

    private static Response get(OkHttpClient client, String url) throws IOException {
        return client.newCall(new Request.Builder().url(url).build()).execute();
    }

    private static String text(OkHttpClient client, String url) throws IOException {
        try (Response response = get(client, url)) {
            return response.body().string();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"users", "10.9.8.7"})
    void backendHostName_isResolvedByTheUsersDns_andEachAddressIsTried(String logical) throws IOException {
        TestBackend a = start("a", Wire.H1);
        List<String> asked = new CopyOnWriteArrayList<>();
        Dns users = host -> {
            asked.add(host);
            if (!host.equals("replica.internal")) {
                throw new UnknownHostException(host);
            }
            // The first refuses: the server listens on 127.0.0.1 only.
            return List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1"));
        };
        Backend backend = Backend.of("http://replica.internal:" + a.server.getPort());
        OkHttpClient client =
                LoadBalancing.attach(new OkHttpClient.Builder().dns(users).build(), pool(logical, backend));
        assertThat(text(client, "http://" + logical + "/x")).isEqualTo("a");
        assertThat(asked).containsExactly("replica.internal");
    }

    @Test
    void backendHostName_thatDoesNotResolve_isNamedInTheError() {
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .dns(host -> {
                            throw new UnknownHostException(host);
                        })
                        .build(),
                pool("users", Backend.of("http://replica.internal:80")));
        assertThatThrownBy(() -> text(client, "http://users/x"))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("pool \"users\" failed after 1 attempt: http://replica.internal:80:"
                        + " unknown host replica.internal (never sent)");
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void usersSocketFactory_makesTheSockets(Wire wire) throws IOException {
        TestBackend a = start("a", wire);
        CountingSockets sockets = new CountingSockets();
        OkHttpClient client = LoadBalancing.attach(
                TestBackend.client(wire).socketFactory(sockets).build(), pool("users", a.backend()));
        assertThat(text(client, wire.scheme() + "://users/x")).isEqualTo("a");
        assertThat(sockets.connectedTo).hasSize(1);
        assertThat(sockets.connectedTo.get(0).toString()).endsWith("127.0.0.1:" + a.server.getPort());
    }

    @Test
    void redirect_toAnotherHost_isNotSteered() throws IOException {
        TestBackend a = start("a", Wire.H1);
        TestBackend other = start("other", Wire.H1);
        // The same address as the backend's, under another name.
        a.answer(new MockResponse.Builder()
                .code(302)
                .setHeader("Location", "http://other.example:" + other.server.getPort() + "/y")
                .build());
        Dns users = host -> {
            assertThat(host).isEqualTo("other.example");
            return List.of(InetAddress.getByName("127.0.0.1"));
        };
        OkHttpClient client =
                LoadBalancing.attach(new OkHttpClient.Builder().dns(users).build(), pool("users", a.backend()));
        try (Response response = get(client, "http://users/x")) {
            assertThat(response.body().string()).isEqualTo("other");
            assertThat(response.request().url().host()).isEqualTo("other.example");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Addressing.class,
            names = {"STEER", "REWRITE"})
    void pathPrefix_isPutBeforeThePath_andHiddenFromTheCaller(Addressing addressing) throws IOException {
        TestBackend a = start("a", Wire.H1);
        a.answer(request -> request.getTarget().equals("/v2/api/x?q=%20")
                ? new MockResponse.Builder()
                        .code(302)
                        .setHeader("Location", "/v2/api/y")
                        .build()
                : a.named().build());
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool("users", Backend.of(a.uri() + "/v2/api/")))
                .addressing(addressing)
                .attach(new OkHttpClient());
        try (Response response = get(client, "http://users/x?q=%20")) {
            assertThat(response.body().string()).isEqualTo("a");
            assertThat(response.request().url()).hasToString("http://users/y");
        }
        assertThat(a.requests()).extracting(RecordedRequest::getTarget).containsExactly("/v2/api/x?q=%20", "/v2/api/y");
    }

    @Test
    void rewriting_showsTheBackendOnTheWireAndTheLogicalUrlToTheCaller() throws IOException {
        TestBackend a = start("a", Wire.H1);
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool("users", a.backend()))
                .addressing(Addressing.REWRITE)
                .attach(new OkHttpClient());
        try (Response response = get(client, "http://users/x")) {
            assertThat(response.request().url()).hasToString("http://users/x");
            assertThat(response.networkResponse().request().url()).hasToString(a.uri() + "/x");
        }
        assertThat(a.requests().get(0).getHeaders().get("Host")).isEqualTo("127.0.0.1:" + a.server.getPort());
    }

    @Test
    void auto_rewrites_whereTheSchemesDiffer() throws IOException {
        TestBackend plain = start("plain", Wire.H1);
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool("users", plain.backend()))
                .allowCleartextBackends()
                .attach(TestBackend.client(Wire.H2_TLS).build());
        try (Response response = get(client, "https://users/x")) {
            assertThat(response.body().string()).isEqualTo("plain");
            assertThat(response.request().url()).hasToString("https://users/x");
        }
    }

    @Test
    void auto_rewrites_whereTheBackendHasANameAndACertificateOfItsOwn() throws IOException {
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .build();
        okhttp3.tls.HandshakeCertificates trusted = new okhttp3.tls.HandshakeCertificates.Builder()
                .addTrustedCertificate(own.certificate())
                .build();
        TestBackend named = TestBackend.start("named", Wire.H2_TLS, own);
        servers.add(named);
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                        .build(),
                pool("users", Backend.of("https://localhost:" + named.server.getPort())));
        try (Response response = get(client, "https://users/x")) {
            assertThat(response.body().string()).isEqualTo("named");
            assertThat(response.request().url()).hasToString("https://users/x");
        }
        assertThat(named.requests().get(0).getUrl().host()).isEqualTo("localhost");
    }

    @Test
    void auto_steers_toABackendOfSchemeTcp() throws IOException {
        TestBackend tls = start("tls", Wire.H2_TLS);
        OkHttpClient client = LoadBalancing.attach(
                TestBackend.client(Wire.H2_TLS).build(),
                pool("users", Backend.of("tcp://127.0.0.1:" + tls.server.getPort())));
        assertThat(text(client, "https://users/x")).isEqualTo("tls");
    }

    @Test
    void backend_ofSchemeUdp_isRefusedWithAReason() {
        RecordingPool pool = pool("users", Backend.of("udp://127.0.0.1:53"));
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
        assertThatThrownBy(() -> text(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be sent to backend udp://127.0.0.1:53; use");
        assertThat(pool.outcomes()).containsExactly(Outcome.DISCARDED);
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void backend_ofSchemeUdp_isPassedOverWhereThereIsAnother() throws IOException {
        TestBackend a = start("a", Wire.H1);
        OkHttpClient client =
                LoadBalancing.attach(new OkHttpClient(), pool("users", Backend.of("udp://127.0.0.1:53"), a.backend()));
        assertThat(text(client, "http://users/x")).isEqualTo("a");
        assertThat(text(client, "http://users/x")).isEqualTo("a");
    }

    @Test
    void drain_closesTheIdleConnections_andACallAfterwardsOpensANewOne() throws Exception {
        TestBackend a = start("a", Wire.H1);
        RecordingPool pool = pool("users", a.backend());
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
        ConnectionLane place;
        try (Response response = get(client, "http://users/x")) {
            place = response.request().tag(Attempt.class).exchange().lane();
            pool.registry().drain("a", Duration.ofMinutes(1));
            assertThat(place.openSockets()).isEqualTo(1);
            assertThat(response.body().string()).isEqualTo("a");
        }
        await().untilAsserted(() -> assertThat(place.openSockets()).isZero());

        pool.registry().activate("a");
        assertThat(text(client, "http://users/x")).isEqualTo("a");
        assertThat(a.connections()).isEqualTo(2);
    }

    @Test
    void changedUri_leadsElsewhere_underTheSameId() throws Exception {
        TestBackend a = start("a", Wire.H1);
        TestBackend b = start("b", Wire.H1);
        RecordingPool pool = pool("users", a.backend());
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
        assertThat(text(client, "http://users/x")).isEqualTo("a");
        pool.registry().replaceAll(List.of(Backend.builder(b.uri()).id("a").build()));
        assertThat(text(client, "http://users/x")).isEqualTo("b");
    }

    @Test
    void host_isMatchedWithoutRegardToCaseAndPort_andOtherHostsPassUntouched() throws IOException {
        TestBackend a = start("a", Wire.H1);
        TestBackend other = start("other", Wire.H1);
        OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool("Users.Example", a.backend()));
        assertThat(text(client, "http://uSERS.eXAMPLE:1234/x")).isEqualTo("a");
        HttpUrl url = other.server.url("/x");
        try (Response response = get(client, url.toString())) {
            assertThat(response.body().string()).isEqualTo("other");
            assertThat(LoadBalancing.trace(response)).isEmpty();
        }
    }

    /** A user's factory whose sockets are of a class of its own. */
    private static final class CountingSockets extends UnconnectedSocketFactory {
        private final List<SocketAddress> connectedTo = new CopyOnWriteArrayList<>();

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
                    connectedTo.add(endpoint);
                    super.connect(endpoint, timeoutMillis);
                }
            };
        }
    }
}
