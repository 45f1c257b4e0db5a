package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.net.InetAddress;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** To OkHttp all backends are one host, and h2 likes to share connections: no call may land on a neighbour's. */
@Timeout(60)
class ConnectionLaneTest {
    private static final HeldCertificate SHARED = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("orders")
            .addSubjectAlternativeName("elsewhere")
            .ecdsa256()
            .build();

    @ParameterizedTest
    @EnumSource(Wire.class)
    void backends_onOneAddressWithDifferentPorts_neverMix(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            Calls.inParallel(8, 50, () -> Calls.checkAnsweredByTheBackendLeased(client, wire.scheme() + "://users/x"));

            assertThat(a.requests()).hasSize(200);
            assertThat(b.requests()).hasSize(200);
            assertThat(pool.inFlight()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void backends_onOnePortOfDifferentAddresses_neverMix(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start(
                        "b", wire, TestBackend.LOGICAL, InetAddress.getByName("127.0.0.2"), a.server.getPort());
                RecordingPool pool = RecordingPool.of(a, b)) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            Calls.inParallel(8, 20, () -> Calls.checkAnsweredByTheBackendLeased(client, wire.scheme() + "://users/x"));

            assertThat(a.requests()).hasSize(80);
            assertThat(b.requests()).hasSize(80);
        }
    }

    @Test
    void pools_whoseBackendsShareAddressAndCertificate_doNotCoalesce() throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, SHARED);
                TestBackend b = TestBackend.start("b", Wire.H2_TLS, SHARED);
                RecordingPool users = RecordingPool.of(a);
                RecordingPool orders = RecordingPool.named("orders", List.of(b.backend()))) {
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(Wire.H2_TLS, SHARED).build(), users, orders);

            Calls.inParallel(4, 20, () -> {
                Calls.checkAnsweredByTheBackendLeased(client, "https://users/x");
                Calls.checkAnsweredByTheBackendLeased(client, "https://orders/x");
            });

            assertThat(a.requests())
                    .hasSize(80)
                    .allSatisfy(request -> assertThat(request.getUrl().host()).isEqualTo("users"));
            assertThat(b.requests())
                    .hasSize(80)
                    .allSatisfy(request -> assertThat(request.getUrl().host()).isEqualTo("orders"));
        }
    }

    @Test
    void poolAndStranger_whoseServersShareAddressPortAndCertificate_doNotCoalesce() throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, SHARED);
                TestBackend stranger = TestBackend.start("stranger", Wire.H2_TLS, SHARED);
                RecordingPool pool = RecordingPool.of(a)) {
            OkHttpClient client = LoadBalancing.attach(clientThatFindsStrangers(), pool);
            HttpUrl logical = onPortOf(stranger, "users");
            HttpUrl strange = onPortOf(stranger, "elsewhere");

            for (int i = 0; i < 5; i++) {
                assertThat(Calls.body(client, logical)).isEqualTo("a");
                assertThat(Calls.body(client, strange)).isEqualTo("stranger");
            }
        }
    }

    @Test
    void redirect_toAStrangerWithTheSameAddressPortAndCertificate_doesNotCoalesce() throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H2_TLS, SHARED);
                TestBackend stranger = TestBackend.start("stranger", Wire.H2_TLS, SHARED);
                RecordingPool pool = RecordingPool.of(a)) {
            OkHttpClient client = LoadBalancing.attach(clientThatFindsStrangers(), pool);
            HttpUrl logical = onPortOf(stranger, "users");
            HttpUrl strange = onPortOf(stranger, "elsewhere");
            a.answer(request -> request.getTarget().equals("/away")
                    ? new MockResponse.Builder()
                            .code(302)
                            .setHeader("Location", strange)
                            .build()
                    : a.named().build());
            stranger.answer(request -> request.getTarget().equals("/back")
                    ? new MockResponse.Builder()
                            .code(302)
                            .setHeader("Location", logical)
                            .build()
                    : stranger.named().build());

            for (int i = 0; i < 5; i++) {
                assertThat(Calls.body(client, logical.resolve("/away"))).isEqualTo("stranger");
                assertThat(Calls.body(client, logical)).isEqualTo("a");
                assertThat(Calls.body(client, strange)).isEqualTo("stranger");
            }
            assertThat(pool.inFlight()).isZero();
        }
    }

    private static OkHttpClient clientThatFindsStrangers() {
        return TestBackend.client(Wire.H2_TLS, SHARED)
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .build();
    }

    /** The stranger is found on its own port; with the logical host the port has no meaning, and so can be the same. */
    private static HttpUrl onPortOf(TestBackend stranger, String host) {
        return new HttpUrl.Builder()
                .scheme("https")
                .host(host)
                .port(stranger.server.getPort())
                .addPathSegment("x")
                .build();
    }
}
