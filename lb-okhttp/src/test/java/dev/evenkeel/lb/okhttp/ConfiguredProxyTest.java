package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A proxy that the user configured, in whatever way, is used: backends are reached through it by rewriting. Where that is
 * ruled out, the error says so. Never is it bypassed unless the user says so.
 */
@Timeout(60)
class ConfiguredProxyTest {
    private TestBackend a;
    private TestBackend b;
    private RecordingPool pool;
    private ForwardingProxy proxy;

    @BeforeEach
    void start() throws IOException {
        a = TestBackend.start("a");
        b = TestBackend.start("b");
        pool = RecordingPool.of(a, b);
        proxy = ForwardingProxy.start();
    }

    @AfterEach
    void stop() throws IOException {
        pool.close();
        a.close();
        b.close();
        proxy.close();
    }

    @Test
    void httpProxy_ofTheClient_isUsed() throws Exception {
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxy(proxy.as(Proxy.Type.HTTP)).build(), pool);

        assertSpreadUnderTheLogicalName(client);

        assertThat(proxy.targets()).containsExactly(targets("GET"));
    }

    @Test
    void socksProxy_ofTheClient_isUsed() throws Exception {
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxy(proxy.as(Proxy.Type.SOCKS)).build(), pool);

        assertSpreadUnderTheLogicalName(client);

        assertThat(proxy.targets()).containsExactly(targets("SOCKS")[0], targets("SOCKS")[1]);
    }

    @ParameterizedTest
    @EnumSource(
            value = Proxy.Type.class,
            names = {"HTTP", "SOCKS"})
    void proxySelector_isAskedForTheBackend(Proxy.Type type) throws Exception {
        Selector selector = new Selector(proxy.as(type));
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxySelector(selector).build(), pool);

        assertSpreadUnderTheLogicalName(client);

        assertThat(proxy.targets()).contains(targets(type == Proxy.Type.HTTP ? "GET" : "SOCKS")[0]);
        assertThat(selector.asked)
                .extracting(URI::getAuthority)
                .containsOnly("127.0.0.1:" + a.server.getPort(), "127.0.0.1:" + b.server.getPort());
    }

    @Test
    void proxySelector_thatSaysDirect_leavesSteeringInForce() throws Exception {
        Selector selector = new Selector(Proxy.NO_PROXY);
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxySelector(selector).build(), pool);

        assertSpreadUnderTheLogicalName(client);

        assertThat(selector.asked).isNotEmpty();
        assertThat(a.requests().get(0).getUrl().host()).isEqualTo("users");
    }

    @Test
    void proxySelector_thatChangesItsMind_isFollowed() throws Exception {
        Selector selector = new Selector(proxy.as(Proxy.Type.HTTP));
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxySelector(selector).build(), pool);

        assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
        assertThat(Calls.body(client, "http://users/x")).isEqualTo("b");
        selector.answer = Proxy.NO_PROXY;
        assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
        assertThat(Calls.body(client, "http://users/x")).isEqualTo("b");

        assertThat(proxy.targets()).containsExactly(targets("GET")[0], targets("GET")[1]);
        assertThat(a.requests()).extracting(request -> request.getUrl().host()).containsExactly("127.0.0.1", "users");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void httpProxy_ofTheSystemProperties_isUsed() throws Exception {
        Map<String, String> properties = Map.of(
                "http.proxyHost", "127.0.0.1",
                "http.proxyPort", String.valueOf(proxy.port()),
                "http.nonProxyHosts", "");
        withSystemProperties(properties, () -> {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertSpreadUnderTheLogicalName(client);

            assertThat(proxy.targets()).contains(targets("GET")[0], targets("GET")[1]);
        });
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void socksProxy_ofTheSystemProperties_isUsed() throws Exception {
        Map<String, String> properties = Map.of(
                "socksProxyHost", "127.0.0.1",
                "socksProxyPort", String.valueOf(proxy.port()),
                "socksNonProxyHosts", "");
        withSystemProperties(properties, () -> {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            assertSpreadUnderTheLogicalName(client);

            assertThat(proxy.targets()).contains(targets("SOCKS")[0], targets("SOCKS")[1]);
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Proxy.Type.class,
            names = {"HTTP", "SOCKS"})
    void httpsBackend_withACertificateForItsAddress_isReachedThroughTheProxy(Proxy.Type type) throws Exception {
        HeldCertificate ofTheAddress = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .ecdsa256()
                .build();
        try (TestBackend tls = TestBackend.start("tls", Wire.H2_TLS, ofTheAddress);
                RecordingPool secure = RecordingPool.of(tls)) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(Wire.H2_TLS, ofTheAddress)
                            .proxy(proxy.as(type))
                            .build(),
                    secure);

            assertThat(Calls.body(client, "https://users/x")).isEqualTo("tls");
            assertThat(proxy.targets())
                    .containsExactly(
                            (type == Proxy.Type.HTTP ? "CONNECT" : "SOCKS") + " 127.0.0.1:" + tls.server.getPort());
        }
    }

    @Test
    void httpsBackend_withACertificateForTheLogicalNameOnly_cannotBeReachedThroughTheProxyAndSaysWhy()
            throws Exception {
        try (TestBackend tls = TestBackend.start("tls", Wire.H2_TLS);
                RecordingPool secure = RecordingPool.of(tls)) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(Wire.H2_TLS)
                            .proxy(proxy.as(Proxy.Type.HTTP))
                            .build(),
                    secure);

            assertThatThrownBy(() -> Calls.body(client, "https://users/x"))
                    .isInstanceOf(SSLPeerUnverifiedException.class)
                    .hasMessageStartingWith("pool \"users\" failed after 1 attempt: tls (" + tls.uri()
                            + "): Hostname 127.0.0.1 not verified");
            assertThat(tls.requests()).isEmpty();
            assertThat(secure.outcomes()).containsExactly(Outcome.NEVER_SENT);
        }
    }

    @Test
    void steering_withAProxyOfTheClient_isRefusedWithTheWaysOut() {
        Proxy http = proxy.as(Proxy.Type.HTTP);
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .addressing(Addressing.STEER)
                .attach(new OkHttpClient.Builder().proxy(http).build());

        assertRefused(client, http);
    }

    @Test
    void steering_withAProxyOfASelector_isRefusedWithTheWaysOut() {
        Proxy http = proxy.as(Proxy.Type.HTTP);
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .addressing(Addressing.STEER)
                .attach(new OkHttpClient.Builder()
                        .proxySelector(new Selector(http))
                        .build());

        assertRefused(client, http);
    }

    @ParameterizedTest
    @EnumSource(Addressing.class)
    void bypassProxy_leavesTheProxyOutOfSteeredConnections(Addressing addressing) throws Exception {
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .addressing(addressing)
                .bypassProxy()
                .attach(new OkHttpClient.Builder()
                        .proxy(proxy.as(Proxy.Type.HTTP))
                        .build());

        assertSpreadUnderTheLogicalName(client);

        if (addressing == Addressing.REWRITE) {
            assertThat(proxy.targets()).containsExactly(targets("GET"));
        } else {
            assertThat(proxy.targets()).isEmpty();
            assertThat(a.requests().get(0).getUrl().host()).isEqualTo("users");
        }
    }

    @Test
    void proxyThatIsGone_isNotBypassed() throws Exception {
        proxy.close();
        OkHttpClient client = LoadBalancing.attach(
                new OkHttpClient.Builder().proxy(proxy.as(Proxy.Type.HTTP)).build(), pool);

        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("pool \"users\" failed after 2 attempts: ");
        assertThat(a.requests()).isEmpty();
        assertThat(b.requests()).isEmpty();
        assertThat(pool.inFlight()).isZero();
    }

    private void assertSpreadUnderTheLogicalName(OkHttpClient client) throws IOException {
        for (String expected : List.of("a", "b", "a", "b")) {
            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.body().string()).isEqualTo(expected);
                assertThat(response.request().url().toString()).isEqualTo("http://users/x");
            }
        }
        assertThat(pool.outcomes()).hasSize(4).containsOnly(Outcome.SUCCESS);
        assertThat(pool.inFlight()).isZero();
    }

    private void assertRefused(OkHttpClient client, Proxy http) {
        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .hasMessage("pool \"users\": backend b (" + b.uri() + ") cannot be steered to through a proxy, and the"
                        + " client has one for it: " + http + "; use Addressing.AUTO or REWRITE to reach the backend"
                        + " through the proxy, or bypassProxy() to connect directly");
        assertThat(a.requests()).isEmpty();
        assertThat(b.requests()).isEmpty();
        assertThat(proxy.targets()).isEmpty();
        // Each is looked at once: there might have been one that needs no proxy.
        assertThat(pool.outcomes()).containsExactly(Outcome.DISCARDED, Outcome.DISCARDED);
    }

    private String[] targets(String verb) {
        String toA = verb + " 127.0.0.1:" + a.server.getPort();
        String toB = verb + " 127.0.0.1:" + b.server.getPort();
        return new String[] {toA, toB, toA, toB};
    }

    private static void withSystemProperties(Map<String, String> properties, Calls.Action action) throws Exception {
        Map<String, String> before = new TreeMap<>();
        properties.forEach((key, value) -> {
            String present = System.setProperty(key, value);
            if (present != null) {
                before.put(key, present);
            }
        });
        try {
            action.run();
        } finally {
            properties.keySet().forEach(System::clearProperty);
            before.forEach(System::setProperty);
        }
    }

    /** Gives one answer to all, and remembers the questions. */
    private static final class Selector extends ProxySelector {
        private final List<URI> asked = new CopyOnWriteArrayList<>();
        private volatile Proxy answer;

        Selector(Proxy answer) {
            this.answer = answer;
        }

        @Override
        public List<Proxy> select(URI uri) {
            asked.add(uri);
            return List.of(answer);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException e) {
            // Nothing to learn from it.
        }
    }
}
