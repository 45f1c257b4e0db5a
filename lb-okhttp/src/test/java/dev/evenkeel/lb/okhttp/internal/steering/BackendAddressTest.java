package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.net.ConnectException;
import java.net.InetAddress;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Backends at IPv6 addresses, and pools whose name is an IP address: those OkHttp never asks a Dns for. */
@Timeout(60)
class BackendAddressTest {

    @ParameterizedTest
    @EnumSource(Wire.class)
    void backends_atIpv6Addresses_areReached(Wire wire) throws Exception {
        InetAddress v6 = InetAddress.getByName("::1");
        try (TestBackend a = TestBackend.start("a", wire, TestBackend.LOGICAL, v6, 0);
                TestBackend b = TestBackend.start("b", wire, TestBackend.LOGICAL, v6, 0);
                RecordingPool pool = RecordingPool.of(a, b)) {
            assertThat(a.backend().uri().toString()).startsWith(wire.scheme() + "://[0:0:0:0:0:0:0:1]:");
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            for (int i = 0; i < 10; i++) {
                Calls.checkAnsweredByTheBackendLeased(client, wire.scheme() + "://users/x");
            }

            assertThat(a.requests()).hasSize(5);
            assertThat(b.requests()).hasSize(5);
            assertThat(a.connections()).isEqualTo(1);
            assertThat(b.connections()).isEqualTo(1);
        }
    }

    @Test
    void backend_atTheShortFormOfAnIpv6Address_isReached() throws Exception {
        try (TestBackend a = TestBackend.start("a", Wire.H1, TestBackend.LOGICAL, InetAddress.getByName("::1"), 0)) {
            Backend backend = Backend.builder("http://[::1]:" + a.server.getPort())
                    .id("a")
                    .build();
            try (RecordingPool pool = RecordingPool.of(List.of(backend))) {
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

                assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.8.7, H1",
        "10.9.8.7, H2_TLS",
        "10.9.8.7, H2_PRIOR_KNOWLEDGE",
        "2001:db8::7, H1",
        "2001:db8::7, H2_TLS",
        "2001:db8::7, H2_PRIOR_KNOWLEDGE"
    })
    void pool_namedByAnIpAddress_isSteered(String name, Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.named(name, List.of(a.backend(), b.backend()))) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            HttpUrl url = new HttpUrl.Builder()
                    .scheme(wire.scheme())
                    .host(name)
                    .port(8443)
                    .addPathSegment("x")
                    .build();

            for (int i = 0; i < 10; i++) {
                try (Response response =
                        client.newCall(new Request.Builder().url(url).build()).execute()) {
                    assertThat(response.body().string())
                            .isEqualTo(LoadBalancing.trace(response)
                                    .orElseThrow()
                                    .attempts()
                                    .get(0)
                                    .backend()
                                    .id());
                    assertThat(response.request().url()).isEqualTo(url);
                }
            }

            for (TestBackend backend : List.of(a, b)) {
                assertThat(backend.requests()).hasSize(5);
                assertThat(backend.connections()).isEqualTo(1);
                assertThat(backend.requests().get(0).getUrl().host()).isEqualTo(name);
            }
        }
    }

    @Test
    void pool_namedByAnIpAddress_findsBackendsByTheUsersDns() throws Exception {
        try (TestBackend a = TestBackend.start("a")) {
            Backend backend = Backend.of("http://a.internal:" + a.server.getPort());
            try (RecordingPool pool = RecordingPool.named("10.9.8.7", List.of(backend))) {
                OkHttpClient client = LoadBalancing.attach(
                        new OkHttpClient.Builder()
                                .dns(host -> {
                                    assertThat(host).isEqualTo("a.internal");
                                    // Nothing listens at the first of them.
                                    return List.of(
                                            InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1"));
                                })
                                .build(),
                        pool);

                assertThat(Calls.body(client, "http://10.9.8.7/x")).isEqualTo("a");
                assertThat(Calls.body(client, "http://10.9.8.7/x")).isEqualTo("a");
                assertThat(a.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void pool_namedByAnIpAddress_failsOverToAnotherBackend() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RefusingPort gone = RefusingPort.open("gone")) {
            try (RecordingPool pool = RecordingPool.named("10.9.8.7", List.of(gone.backend(), a.backend()))) {
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

                assertThat(Calls.body(client, "http://10.9.8.7/x")).isEqualTo("a");
            }
        }
    }

    @Test
    void pool_namedByAnIpAddress_namesTheBackendsRealAddressInItsError() throws Exception {
        try (RefusingPort gone = RefusingPort.open("gone")) {
            try (RecordingPool pool = RecordingPool.named("10.9.8.7", List.of(gone.backend()))) {
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

                assertThatThrownBy(() -> Calls.body(client, "http://10.9.8.7/x"))
                        .isInstanceOf(ConnectException.class)
                        .hasMessage("pool \"10.9.8.7\" failed after 1 attempt: gone (" + gone.uri()
                                + "): Connection refused (never sent)");
            }
        }
    }
}
