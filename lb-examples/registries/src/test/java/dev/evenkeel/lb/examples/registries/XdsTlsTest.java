package dev.evenkeel.lb.examples.registries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.discovery.XdsDiscovery;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real java-control-plane over TLS. */
@Tag("long")
@Timeout(300)
class XdsTlsTest {
    private static final Duration LONG = Duration.ofSeconds(90);

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();

    private static HeldCertificate certificate(String host) {
        return new HeldCertificate.Builder().addSubjectAlternativeName(host).build();
    }

    private static OkHttpClient trusting(HeldCertificate certificate) {
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(certificate.certificate())
                .build();
        return new OkHttpClient.Builder()
                .sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                .build();
    }

    private LoadBalancer pool(OkHttpClient client, ControlPlane plane, boolean delta) {
        XdsDiscovery.Builder source = XdsDiscovery.builder(client, "users", plane.url())
                .backoff(Duration.ofMillis(20), Duration.ofMillis(500));
        return LoadBalancers.builder("users")
                .discovery(delta ? source.delta().build() : source.build())
                .initialDiscoveryTimeout(Duration.ofMillis(1))
                .listener(event -> {
                    if (event instanceof DiscoveryFailed failed) {
                        errors.add(String.valueOf(failed.cause().getMessage()));
                    }
                })
                .build();
    }

    private static void awaitBackends(LoadBalancer pool, int count) {
        await().atMost(LONG).until(() -> pool.snapshot().backends().size() == count);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endpoints_areFollowedOverTls(boolean delta) throws Exception {
        HeldCertificate certificate = certificate("127.0.0.1");
        try (ControlPlane plane = new ControlPlane("users", false, certificate)) {
            plane.put("10.0.0.1", 8080, 1, HealthStatus.HEALTHY);
            plane.push();
            try (LoadBalancer pool = pool(trusting(certificate), plane, delta)) {
                awaitBackends(pool, 1);
                plane.put("10.0.0.2", 8080, 1, HealthStatus.HEALTHY);
                plane.push();
                awaitBackends(pool, 2);

                plane.stop();
                await().atMost(LONG).until(() -> !errors.isEmpty());
                plane.put("10.0.0.3", 8080, 1, HealthStatus.HEALTHY);
                plane.push();
                plane.start();
                awaitBackends(pool, 3);
                assertThat(plane.refusals).isEmpty();
            }
        }
    }

    @Test
    void certificateThatTheClientDoesNotTrust_isToldInOneLine() throws Exception {
        assertRefused(new OkHttpClient(), certificate("127.0.0.1"), "unable to find valid certification path");
    }

    @Test
    void certificateOfAnotherHost_isToldInOneLine() throws Exception {
        HeldCertificate certificate = certificate("xds.invalid");
        assertRefused(trusting(certificate), certificate, "Hostname 127.0.0.1 not verified");
    }

    private void assertRefused(OkHttpClient client, HeldCertificate certificate, String reason) throws Exception {
        try (ControlPlane plane = new ControlPlane("users", false, certificate)) {
            plane.put("10.0.0.1", 8080, 1, HealthStatus.HEALTHY);
            plane.push();
            try (LoadBalancer pool = pool(client, plane, false)) {
                await().atMost(LONG).until(() -> !errors.isEmpty());

                assertThat(errors)
                        .singleElement()
                        .asString()
                        .startsWith("xDS cluster users: ")
                        .contains(reason)
                        .matches(text -> text.chars().noneMatch(Character::isISOControl), "one line");
                assertThat(pool.snapshot().backends()).isEmpty();
                assertThat(plane.nodes)
                        .as("nothing is sent before the certificate is checked")
                        .isEmpty();
            }
        }
    }
}
