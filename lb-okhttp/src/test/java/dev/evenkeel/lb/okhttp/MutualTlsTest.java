package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.health.HttpHealthCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client's own certificate reaches each backend, by calls and by checks, as tls.md says. */
@Timeout(30)
class MutualTlsTest {
    private static final HeldCertificate OF_THE_POOL = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("127.0.0.1")
            .build();
    private static final HeldCertificate OF_THE_CLIENT =
            new HeldCertificate.Builder().commonName("the client").build();

    private final List<MockWebServer> servers = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < 2; i++) {
            MockWebServer server = new MockWebServer();
            server.useHttps(new HandshakeCertificates.Builder()
                    .heldCertificate(OF_THE_POOL)
                    .addTrustedCertificate(OF_THE_CLIENT.certificate())
                    .build()
                    .sslSocketFactory());
            server.requireClientAuth();
            server.setDispatcher(new mockwebserver3.Dispatcher() {
                @Override
                public MockResponse dispatch(mockwebserver3.RecordedRequest request) {
                    return new MockResponse.Builder().body("answer").build();
                }
            });
            server.start();
            servers.add(server);
        }
    }

    @AfterEach
    void stop() {
        servers.forEach(MockWebServer::close);
    }

    private String[] uris() {
        return servers.stream()
                .map(server -> "https://127.0.0.1:" + server.getPort())
                .toArray(String[]::new);
    }

    private static OkHttpClient client(boolean withCertificate) {
        HandshakeCertificates.Builder certificates =
                new HandshakeCertificates.Builder().addTrustedCertificate(OF_THE_POOL.certificate());
        if (withCertificate) {
            certificates.heldCertificate(OF_THE_CLIENT);
        }
        HandshakeCertificates built = certificates.build();
        return new OkHttpClient.Builder()
                .sslSocketFactory(built.sslSocketFactory(), built.trustManager())
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void certificateOfTheClient_isPresentedToEachBackend(Addressing addressing) throws Exception {
        try (LoadBalancer users =
                LoadBalancers.builder("users").backends(uris()).build()) {
            OkHttpClient client =
                    LoadBalancing.builder().pools(users).addressing(addressing).attach(client(true));

            for (int i = 0; i < 20; i++) {
                assertThat(Calls.body(client, "https://users/x")).isEqualTo("answer");
            }
        }
    }

    @Test
    void clientWithoutACertificate_isRefused() {
        try (LoadBalancer users =
                LoadBalancers.builder("users").backends(uris()).build()) {
            OkHttpClient client = LoadBalancing.attach(client(false), users);

            assertThatThrownBy(() -> Calls.body(client, "https://users/x"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("pool \"users\" ");
        }
    }

    @Test
    void check_presentsTheCertificateOfTheClientThatItBorrowsFrom() {
        HealthCheckPolicy checks = HealthCheckPolicy.builder(
                        HttpHealthCheck.builder(client(true), "users").build())
                .interval(Duration.ofMillis(50))
                .build();
        try (LoadBalancer users = LoadBalancers.builder("users")
                .backends(uris())
                .healthCheck(checks)
                .build()) {
            Awaitility.await()
                    .untilAsserted(() -> assertThat(users.snapshot().backends())
                            .hasSize(2)
                            .allSatisfy(backend -> assertThat(backend.health()).isEqualTo(HealthState.UP)));
        }
    }
}
