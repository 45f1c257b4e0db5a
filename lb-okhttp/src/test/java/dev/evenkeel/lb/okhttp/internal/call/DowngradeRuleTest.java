package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.internal.steering.SteeringImpossibleException;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import dev.evenkeel.lb.okhttp.route.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.CertificatePinner;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An https call stays under TLS and under the pins that the application has set, whatever a registry lists. */
@Timeout(60)
class DowngradeRuleTest {
    private static final HeldCertificate ROOT =
            new HeldCertificate.Builder().certificateAuthority(0).ecdsa256().build();
    private static final HeldCertificate OF_USERS = certificate("users");
    private static final HeldCertificate OF_OWN = certificate("own.internal");
    private static final String SECRET = "Bearer secret";

    private TestBackend plain;
    private TestBackend users;
    private TestBackend own;
    private final List<RecordingPool> pools = new ArrayList<>();

    @BeforeEach
    void start() {
        plain = TestBackend.start("plain");
        users = TestBackend.start("users", Wire.H2_TLS, OF_USERS);
        own = TestBackend.start("own", Wire.H2_TLS, OF_OWN);
    }

    @AfterEach
    void stop() {
        pools.forEach(RecordingPool::close);
        Stream.of(plain, users, own).forEach(TestBackend::close);
    }

    private static HeldCertificate certificate(String name) {
        return new HeldCertificate.Builder()
                .signedBy(ROOT)
                .addSubjectAlternativeName(name)
                .ecdsa256()
                .build();
    }

    private static OkHttpClient.Builder client() {
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(ROOT.certificate())
                .build();
        return new OkHttpClient.Builder()
                .sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                .dns(host -> List.of(InetAddress.getLoopbackAddress()));
    }

    private static CertificatePinner pins(String... hosts) {
        CertificatePinner.Builder pins = new CertificatePinner.Builder();
        for (String host : hosts) {
            pins.add(host, CertificatePinner.pin(ROOT.certificate()));
        }
        return pins.build();
    }

    private Backend underTheLogicalName() {
        return Backend.builder("https://users:" + users.server.getPort())
                .id("users")
                .build();
    }

    private Backend underItsOwnName() {
        return Backend.builder("https://own.internal:" + own.server.getPort())
                .id("own")
                .build();
    }

    private RecordingPool pool(Backend... backends) {
        RecordingPool pool = RecordingPool.of(List.of(backends));
        pools.add(pool);
        return pool;
    }

    private static Request secret() {
        return new Request.Builder()
                .url("https://users/x")
                .header("Authorization", SECRET)
                .build();
    }

    /** What a server saw of the secret: in clear text, or under the certificate of a name. */
    private String whereTheSecretArrived() {
        List<String> places = new ArrayList<>();
        for (TestBackend server : List.of(plain, users, own)) {
            for (RecordedRequest request : server.requests()) {
                assertThat(request.getHeaders().get("Authorization")).isEqualTo(SECRET);
                places.add(request.getHandshake() == null ? "clear text" : "TLS of " + server.name);
            }
        }
        return places.isEmpty() ? "nowhere" : String.join(", ", places);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    AUTO    | http               | none |            | nowhere
                    AUTO    | http               | pins |            | nowhere
                    AUTO    | http               | none | unpinned   | nowhere
                    AUTO    | http               | none | cleartext  | clear text
                    AUTO    | http               | pins | cleartext  | clear text
                    AUTO    | https logical name | none |            | TLS of users
                    AUTO    | https logical name | pins |            | TLS of users
                    AUTO    | https own name     | none |            | TLS of own
                    AUTO    | https own name     | pins |            | nowhere
                    AUTO    | https own name     | pins | cleartext  | nowhere
                    AUTO    | https own name     | pins | unpinned   | TLS of own
                    AUTO    | https own name     | both |            | TLS of own
                    STEER   | http               | none |            | nowhere
                    STEER   | http               | pins |            | nowhere
                    STEER   | http               | none | cleartext  | nowhere
                    STEER   | https logical name | none |            | TLS of users
                    STEER   | https logical name | pins |            | TLS of users
                    STEER   | https own name     | none |            | nowhere
                    STEER   | https own name     | pins |            | nowhere
                    STEER   | https own name     | pins | unpinned   | nowhere
                    REWRITE | http               | none |            | nowhere
                    REWRITE | http               | pins |            | nowhere
                    REWRITE | http               | none | cleartext  | clear text
                    REWRITE | http               | pins | cleartext  | clear text
                    REWRITE | https logical name | none |            | TLS of users
                    REWRITE | https logical name | pins |            | TLS of users
                    REWRITE | https own name     | none |            | TLS of own
                    REWRITE | https own name     | pins |            | nowhere
                    REWRITE | https own name     | pins | unpinned   | TLS of own
                    REWRITE | https own name     | both |            | TLS of own
                    """)
    void secret_arrives_onlyWhereTheApplicationAllows(
            Addressing addressing, String backend, String pinned, String allowed, String expected) {
        OkHttpClient.Builder client = client().callTimeout(Duration.ofSeconds(10));
        if (backend.equals("http") && addressing == Addressing.STEER) {
            client.readTimeout(Duration.ofMillis(200)); // The server waits for the end of a request line in TLS.
        }
        switch (pinned) {
            case "pins" -> client.certificatePinner(pins("users"));
            case "both" -> client.certificatePinner(pins("users", "own.internal"));
            default -> {}
        }
        LoadBalancingBuilder balancing = LoadBalancing.builder()
                .pools(pool(
                        switch (backend) {
                            case "http" -> plain.backend();
                            case "https logical name" -> underTheLogicalName();
                            default -> underItsOwnName();
                        }))
                .addressing(addressing);
        if ("cleartext".equals(allowed)) {
            balancing.allowCleartextBackends();
        } else if ("unpinned".equals(allowed)) {
            balancing.allowUnpinnedBackends();
        }
        OkHttpClient attached = balancing.attach(client.build());

        if (expected.equals("nowhere")) {
            assertThatThrownBy(() -> Calls.body(attached, secret())).isInstanceOf(IOException.class);
        } else {
            assertThat(catchThrowableOfType(IOException.class, () -> Calls.body(attached, secret())))
                    .isNull();
        }

        assertThat(whereTheSecretArrived()).isEqualTo(expected);
    }

    @Test
    void cleartextBackend_refusal_namesPoolBackendAndWaysOut() {
        OkHttpClient client = LoadBalancing.attach(client().build(), pool(plain.backend()));

        NoBackendAvailableException refused =
                catchThrowableOfType(NoBackendAvailableException.class, () -> Calls.body(client, secret()));

        assertThat(refused.unavailable().reasons()).containsOnlyKeys(Ineligibility.NOT_PERMITTED);
        assertThat(refused)
                .hasMessage(
                        "pool \"users\" has no backend available: 1 backend (1 not permitted for this call); an https"
                                + " call to \"users\" would reach backend plain (" + plain.uri()
                                + ") in clear text, since the"
                                + " backend's URI is http; give the backend an https URI, call http://users, or allow it with"
                                + " allowCleartextBackends()");
    }

    @Test
    void unpinnedBackend_refusal_namesPoolBackendAndWaysOut() {
        OkHttpClient client =
                LoadBalancing.attach(client().certificatePinner(pins("users")).build(), pool(underItsOwnName()));

        assertThatThrownBy(() -> Calls.body(client, secret()))
                .isInstanceOf(NoBackendAvailableException.class)
                .hasMessage("pool \"users\" has no backend available: 1 backend (1 not permitted for this call); the"
                        + " client's certificate pins for \"users\" would not be checked at backend own (https://own.internal:"
                        + own.server.getPort() + "), which is called under its own name; add the same pins for"
                        + " \"own.internal\", use Addressing.STEER if the certificate names \"users\", or allow it with"
                        + " allowUnpinnedBackends()");
    }

    @Test
    void pinsOfItsOwn_thatTheLogicalNameLacks_areOtherRulesOfTrust() {
        CertificatePinner differing = new CertificatePinner.Builder()
                .add("users", CertificatePinner.pin(ROOT.certificate()))
                .add("own.internal", CertificatePinner.pin(OF_OWN.certificate()))
                .build();
        OkHttpClient client =
                LoadBalancing.attach(client().certificatePinner(differing).build(), pool(underItsOwnName()));

        assertThatThrownBy(() -> Calls.body(client, secret())).isInstanceOf(NoBackendAvailableException.class);
        assertThat(own.requests()).isEmpty();
    }

    @Test
    void mixedPool_passesTheCleartextBackendOver() throws Exception {
        RecordingPool pool = pool(plain.backend(), underTheLogicalName());
        OkHttpClient client = LoadBalancing.attach(client().build(), pool);

        for (int i = 0; i < 4; i++) {
            assertThat(Calls.body(client, secret())).isEqualTo("users");
        }
        assertThat(Calls.body(client, "http://users/x")).isEqualTo("plain");

        assertThat(pool.backends()).containsExactly("users", "users", "users", "users", "plain");
        assertThat(plain.requests()).hasSize(1);
    }

    @Test
    void mixedPool_whoseTlsBackendIsGone_failsWithTheReasonAndSendsNothingInClearText() {
        users.close();
        OkHttpClient client = LoadBalancing.attach(client().build(), pool(plain.backend(), underTheLogicalName()));

        assertThatThrownBy(() -> Calls.body(client, secret()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "other backends: 1 not permitted for this call; an https call to \"users\" would reach"
                                + " backend plain (" + plain.uri() + ") in clear text");
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void failedAnswer_ofTheOnlyTlsBackend_isHandedOut() throws Exception {
        users.answer(new MockResponse.Builder().code(503).build());
        OkHttpClient client = LoadBalancing.attach(client().build(), pool(plain.backend(), underTheLogicalName()));

        try (Response response = client.newCall(secret()).execute()) {
            assertThat(response.code()).isEqualTo(503);
        }
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void hedge_goesToNoCleartextBackend() throws Exception {
        users.answer(users.named().headersDelay(300, TimeUnit.MILLISECONDS).build());
        OkHttpClient client = LoadBalancing.attach(client().build(), pool(plain.backend(), underTheLogicalName()));
        HedgePolicy soon = HedgePolicy.builder().delay(Duration.ofMillis(1)).build();

        try (Response response =
                LoadBalancing.hedging(client, soon).newCall(secret()).execute()) {
            assertThat(response.body().string()).isEqualTo("users");
        }
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void mirror_copiesNothingToACleartextBackend() throws Exception {
        RecordingPool copies = RecordingPool.named("copies", List.of(plain.backend()));
        pools.add(copies);
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool(underTheLogicalName()), copies)
                .route(Route.builder("mirrored")
                        .host("users")
                        .to("users")
                        .mirror(Mirror.to("copies"))
                        .build())
                .attach(client().build());

        assertThat(Calls.body(client, secret())).isEqualTo("users");

        await().untilAsserted(() -> assertThat(LoadBalancing.mirrors(client))
                .containsExactly(new MirrorStats("mirrored", "copies", 0, 1, 0, 0)));
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void webSocket_ofSchemeWss_isNotOpenedInClearText() {
        OkHttpClient client = LoadBalancing.attach(client().build(), pool(plain.backend()));
        CompletableFuture<Throwable> failed = new CompletableFuture<>();

        client.newWebSocket(
                new Request.Builder()
                        .url("wss://users/x")
                        .header("Authorization", SECRET)
                        .build(),
                new WebSocketListener() {
                    @Override
                    public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
                        failed.complete(failure);
                    }
                });

        assertThat(failed).succeedsWithin(Duration.ofSeconds(30)).isInstanceOf(NoBackendAvailableException.class);
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void pinnedCall_whoseBackendIsBehindAProxy_goesToOneThatIsNot() throws Exception {
        try (TestBackend direct = TestBackend.start("direct", Wire.H2_TLS, OF_USERS)) {
            int proxied = users.server.getPort();
            RecordingPool pool = pool(users.backend(), direct.backend());
            OkHttpClient client = LoadBalancing.attach(
                    client().certificatePinner(pins("users"))
                            .proxySelector(new ProxyForPort(proxied))
                            .build(),
                    pool);

            for (int i = 0; i < 3; i++) {
                assertThat(Calls.body(client, secret())).isEqualTo("direct");
            }
            assertThat(users.requests()).isEmpty();
        }
    }

    @Test
    void pinnedCall_whoseOnlyBackendIsBehindAProxy_isRefusedWithTheWaysOut() {
        OkHttpClient client = LoadBalancing.attach(
                client().certificatePinner(pins("users"))
                        .proxySelector(new ProxyForPort(users.server.getPort()))
                        .build(),
                pool(users.backend()));

        assertThatThrownBy(() -> Calls.body(client, secret()))
                .isInstanceOf(SteeringImpossibleException.class)
                .hasMessageStartingWith(
                        "pool \"users\": the client's certificate pins for \"users\" would not be checked at"
                                + " backend users (" + users.uri() + ")")
                .hasMessageEndingWith("or allow it with allowUnpinnedBackends()")
                .asString()
                .startsWith("java.io.IOException: pool");
        assertThat(users.requests()).isEmpty();
    }

    @Test
    void document_allowsTheSame() throws Exception {
        String document = """
                {
                  "pools": [{"name": "users", "backends": ["%s"]}],
                  "allowCleartextBackends": true,
                  "allowUnpinnedBackends": true
                }
                """.formatted(plain.uri());
        try (LiveConfig config = LiveConfig.start(document)) {
            assertThat(Calls.body(config.attach(client().build()), secret())).isEqualTo("plain");
        }
    }

    /** Demands a proxy, which nobody is at, for one port alone. */
    private static final class ProxyForPort extends ProxySelector {
        private final int port;

        ProxyForPort(int port) {
            this.port = port;
        }

        @Override
        public List<Proxy> select(URI uri) {
            return uri.getPort() == port
                    ? List.of(new Proxy(Proxy.Type.HTTP, new java.net.InetSocketAddress("127.0.0.1", 9)))
                    : List.of(Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException e) {
            // Nothing to learn from it.
        }
    }
}
