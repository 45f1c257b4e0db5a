package dev.evenkeel.lb.okhttp.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.health.CheckClient;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpHealthCheckTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final MockWebServer server = new MockWebServer();
    private final OkHttpClient client = new OkHttpClient();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        client.dispatcher().executorService().shutdownNow();
    }

    private Backend backend() {
        return Backend.of("http://127.0.0.1:" + server.getPort() + "/base");
    }

    private HealthResult check(HealthCheck check, Backend backend) throws Exception {
        return check.check(backend, TIMEOUT).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void http_whereNothingListens_saysSoInPlainWords() throws Exception {
        Backend gone = backend();
        server.close();

        assertThat(check(HttpHealthCheck.builder(client, "users").build(), gone))
                .isEqualTo(HealthResult.unhealthy("connection refused"));
    }

    @Test
    void http_asksTheBackendUnderTheLogicalHost() throws Exception {
        server.enqueue(new MockResponse.Builder().code(204).build());
        HealthCheck check = HttpHealthCheck.builder(client, "users")
                .method("HEAD")
                .path("/healthz?deep=1")
                .header("X-Probe", "evenkeel")
                .build();

        assertThat(check(check, backend())).isEqualTo(HealthResult.healthy("HTTP 204"));

        RecordedRequest request = server.takeRequest();
        assertThat(request.getRequestLine()).isEqualTo("HEAD /base/healthz?deep=1 HTTP/1.1");
        assertThat(request.getHeaders().get("Host")).isEqualTo("users");
        assertThat(request.getHeaders().get("X-Probe")).isEqualTo("evenkeel");
    }

    @Test
    void https_verifiesTheLogicalHost() throws Exception {
        HeldCertificate certificate =
                new HeldCertificate.Builder().addSubjectAlternativeName("users").build();
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslSocketFactory());
        HandshakeCertificates trust = new HandshakeCertificates.Builder()
                .addTrustedCertificate(certificate.certificate())
                .build();
        OkHttpClient secure = client.newBuilder()
                .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
                .build();
        Backend backend = Backend.of("https://127.0.0.1:" + server.getPort());
        server.enqueue(new MockResponse.Builder().build());
        server.enqueue(new MockResponse.Builder().build());

        assertThat(check(HttpHealthCheck.builder(secure, "users").build(), backend)
                        .healthy())
                .isTrue();
        assertThat(check(HttpHealthCheck.builder(secure).build(), backend).cause())
                .contains("127.0.0.1 not verified");
    }

    @Test
    void http_statusOutsideTheExpected_isUnhealthy() throws Exception {
        server.enqueue(new MockResponse.Builder().code(503).build());
        server.enqueue(new MockResponse.Builder()
                .code(302)
                .addHeader("Location", "/elsewhere")
                .build());
        server.enqueue(new MockResponse.Builder().code(401).build());

        HealthCheck standard = HttpHealthCheck.builder(client, "users").build();
        assertThat(check(standard, backend())).isEqualTo(HealthResult.unhealthy("HTTP 503"));
        assertThat(check(standard, backend())).isEqualTo(HealthResult.healthy("HTTP 302"));
        HealthCheck odd =
                HttpHealthCheck.builder(client, "users").expectStatus(401).build();
        assertThat(check(odd, backend()).healthy()).isTrue();
    }

    @Test
    void http_bodyIsMatchedInItsFirst64KiB_andNoMoreIsRead() throws Exception {
        server.enqueue(new MockResponse.Builder().body("{\"status\":\"UP\"}").build());
        server.enqueue(new MockResponse.Builder().body("{\"status\":\"DOWN\"}").build());
        HealthCheck check = HttpHealthCheck.builder(client, "users")
                .expectBody(Pattern.compile("\"status\"\\s*:\\s*\"UP\""))
                .build();

        assertThat(check(check, backend()).healthy()).isTrue();
        assertThat(check(check, backend()).cause())
                .isEqualTo("HTTP 200, but the first 64 KiB of the body do not match \"\"status\"\\s*:\\s*\"UP\"\"");
    }

    @Test
    void http_endlessBody_isBounded() throws Exception {
        try (EndlessServer endless = new EndlessServer()) {
            HealthCheck check = HttpHealthCheck.builder(client, "users")
                    .expectBody(Pattern.compile("never"))
                    .build();

            assertThat(check(check, Backend.of("http://127.0.0.1:" + endless.port()))
                            .cause())
                    .startsWith("HTTP 200, but the first 64 KiB");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".*\"status\":\"UP\".*", "(x|y)*OK"})
    void http_bodyThatMakesTheExpressionRunAway_isUnhealthy(String regex) throws Exception {
        server.enqueue(new MockResponse.Builder().body("x".repeat(65_536)).build());
        HealthCheck check = HttpHealthCheck.builder(client, "users")
                .expectBody(Pattern.compile(regex))
                .build();

        assertThat(check(check, backend()).cause())
                .startsWith("HTTP 200, but the check of the body failed: the regular expression \"" + regex + "\" ");
    }

    @Test
    void http_checkThatIsCancelled_isDoneWhenItsThreadHasReturned() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        CheckClient checks = new CheckClient(client, null);
        server.enqueue(new MockResponse.Builder().body("{}").build());
        Request request = new Request.Builder().url(server.url("/")).build();

        CompletableFuture<HealthResult> result = checks.send(backend(), request, TIMEOUT, false, response -> {
            reading.countDown();
            boolean unused = awaitUninterruptibly(mayReturn);
            return HealthResult.healthy("late");
        });
        reading.await();
        boolean cancelled = result.cancel(true);

        assertThat(cancelled).isFalse();
        assertThat(result).isNotDone();
        mayReturn.countDown();
        assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo(HealthResult.healthy("late"));
    }

    private static boolean awaitUninterruptibly(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void cancelledCheck_letsGoOfItsCall() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .onResponseStart(SocketEffect.Stall.INSTANCE)
                .build());
        CompletableFuture<HealthResult> result = HttpHealthCheck.builder(client, "users")
                .build()
                .check(backend(), TIMEOUT)
                .toCompletableFuture();
        server.takeRequest();

        result.cancel(true);

        org.awaitility.Awaitility.await()
                .until(() ->
                        client.dispatcher().executorService() instanceof java.util.concurrent.ThreadPoolExecutor pool
                                && pool.getActiveCount() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"healthz", "", "//evil.example/", "/\\evil.example"})
    void path_withoutOneSlash_isRefused(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpHealthCheck.builder(client, "users").path(path))
                .withMessage("health check path must start with one slash, such as /healthz: \"" + path + "\"");
    }

    @Test
    void settings_outOfRange_areRefused() {
        HttpHealthCheck.Builder builder = HttpHealthCheck.builder(client, "users");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.method("DELETE"))
                .withMessage("health check method must be GET, HEAD, OPTIONS or POST: \"DELETE\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.expectStatus(99, 200))
                .withMessage("health check statuses must be a range within 100..599: 99..200");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.header("X-A", "a\r\nX-B: b"));
    }

    // gRPC.

    private HealthResult grpc(MockResponse answer) throws Exception {
        server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        server.enqueue(answer);
        return check(
                GrpcHealthCheck.of(client, "users", "my.Service"), Backend.of("http://127.0.0.1:" + server.getPort()));
    }

    private static MockResponse answer(byte[] body, String grpcStatus) {
        return new MockResponse.Builder()
                .addHeader("content-type", "application/grpc")
                .body(new Buffer().write(body))
                .trailers(Headers.of("grpc-status", grpcStatus))
                .build();
    }

    @Test
    void grpc_serving_isHealthy() throws Exception {
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 2, 8, 1}, "0"))).isEqualTo(HealthResult.healthy("SERVING"));

        RecordedRequest request = server.takeRequest();
        assertThat(request.getUrl().encodedPath()).isEqualTo("/grpc.health.v1.Health/Check");
        assertThat(request.getHeaders().get("te")).isEqualTo("trailers");
        assertThat(request.getHeaders().get("content-type")).isEqualTo("application/grpc");
        assertThat(request.getHeaders().get(":authority")).isEqualTo("users");
        assertThat(request.getBody().toByteArray())
                .isEqualTo(new Buffer()
                        .write(new byte[] {0, 0, 0, 0, 12, 0x0a, 10})
                        .writeUtf8("my.Service")
                        .readByteArray());
    }

    @Test
    void grpc_anythingElse_isUnhealthyWithItsReason() throws Exception {
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 2, 8, 2}, "0")))
                .isEqualTo(HealthResult.unhealthy("NOT_SERVING"));
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 0}, "0"))).isEqualTo(HealthResult.unhealthy("UNKNOWN"));
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 2, 8, 1}, "14")))
                .isEqualTo(HealthResult.unhealthy("grpc-status 14"));
        assertThat(grpc(new MockResponse.Builder()
                        .addHeader("grpc-status", "12")
                        .build()))
                .isEqualTo(HealthResult.unhealthy("grpc-status 12"));
        assertThat(grpc(new MockResponse.Builder().code(404).build())).isEqualTo(HealthResult.unhealthy("HTTP 404"));
    }

    @Test
    void grpc_malformedFrame_isUnhealthyWithItsReason() throws Exception {
        assertThat(grpc(answer(new byte[] {0, 0, 0}, "0")).cause()).contains("the answer ends within a message");
        assertThat(grpc(answer(new byte[] {0, 0x7f, 0, 0, 0, 1}, "0")).cause())
                .contains("a message of 2130706432 bytes");
        assertThat(grpc(answer(new byte[] {1, 0, 0, 0, 0}, "0")).cause()).contains("compressed");
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 1, 7}, "0")).cause()).contains("malformed");
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 2, 0x12, 99}, "0")).cause())
                .contains("ends within a message");
        assertThat(grpc(answer(new byte[] {0, 0, 0, 0, 0, 0}, "0")).cause()).contains("more than one message");
    }
}
