package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KubernetesDiscoveryTest {
    private final OkHttpClient client = new OkHttpClient();

    @TempDir
    private Path directory;

    @Test
    void endpoint_isDescribed() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            registry.set(List.of(new Entry("10.0.0.1", 8080, 1, "eu-1a", Map.of("node", "node-7"))));
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                assertThat(recorder.list())
                        .containsExactly(Backend.builder("http://10.0.0.1:8080")
                                .zone("eu-1a")
                                .metadata("k8s.node.name", "node-7")
                                .metadata("k8s.pod.name", "users-10.0.0.1")
                                .build());
            }
        }
    }

    @Test
    void endpointThatTerminates_leavesTheList_likeOneThatIsNotReady() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            registry.set(Entry.many(3));
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080");
                registry.conditions.put("10.0.0.1", "terminating");
                registry.conditions.put("10.0.0.2", "failing");
                registry.set(Entry.many(3));
                recorder.awaitIds("10.0.0.3:8080");
            }
        }
    }

    @Test
    void endpointsThatAllTerminate_stayAsLongAsTheyServe() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            registry.conditions.put("10.0.0.1", "terminating");
            registry.conditions.put("10.0.0.2", "failing");
            registry.set(Entry.many(2));
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                recorder.awaitIds("10.0.0.1:8080");
            }
        }
    }

    @Test
    void conditionsThatAreAbsent_meanReady() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            ObjectNode slice = registry.slice("a", Entry.many(1));
            ((ObjectNode) slice.path("endpoints").path(0)).remove("conditions");
            registry.put(slice);
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                recorder.awaitIds("10.0.0.1:8080");
            }
        }
    }

    @Test
    void podOfBothFamilies_isOneBackend() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            registry.put(registry.slice("a", Entry.many(1)));
            ObjectNode other = registry.slice("b", List.of(new Entry("fd00::1", 8080, 1, "", Map.of())));
            other.put("addressType", "IPv6");
            ((ObjectNode) other.path("endpoints").path(0).path("targetRef")).put("uid", "uid-10.0.0.1");
            registry.put(other);
            try (Recorder recorder = Recorder.of(registry.source(client));
                    Recorder ipv6 =
                            Recorder.of(registry.builder(client).preferIpv6().build())) {
                recorder.awaitIds("10.0.0.1:8080");
                ipv6.awaitIds("[fd00::1]:8080");
            }
        }
    }

    @Test
    void port_isChosenByNameOrNumber_orByCustom() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            ObjectNode slice = registry.slice("a", Entry.many(1));
            slice.withArray("ports").addObject().put("name", "admin").put("port", 9_000);
            slice.withArray("ports")
                    .addObject()
                    .put("name", "secure")
                    .put("port", 8_443)
                    .put("appProtocol", "https");
            registry.put(slice);
            try (Recorder custom = Recorder.of(registry.source(client));
                    Recorder named = Recorder.of(
                            registry.builder(client).portName("secure").build());
                    Recorder numbered =
                            Recorder.of(registry.builder(client).port(9_000).build());
                    Recorder wrong = Recorder.of(
                            registry.builder(client).portName("grpc").build())) {
                assertThat(custom.list().get(0).uri()).hasToString("http://10.0.0.1:8080");
                assertThat(named.list().get(0).uri()).hasToString("https://10.0.0.1:8443");
                assertThat(numbered.list().get(0).uri()).hasToString("http://10.0.0.1:9000");
                assertThat(wrong.awaitError()).contains("http:8080", "admin:9000", "secure:8443", "port(");
                assertThat(wrong.lists).isEmpty();
            }
        }
    }

    @Test
    void zoneHints_countIfEveryEndpointHasOne() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            ObjectNode slice = registry.slice("a", Entry.many(2));
            hint(slice, 0, "eu-1a");
            registry.put(slice);
            try (Recorder recorder =
                    Recorder.of(registry.builder(client).zoneHints("eu-1b").build())) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
                ObjectNode hinted = slice.deepCopy();
                hint(hinted, 1, "eu-1b");
                registry.put(hinted);
                recorder.awaitIds("10.0.0.2:8080");
                assertThat(recorder.list().get(0).metadata()).containsEntry("k8s.hints.zones", "eu-1b");
            }
        }
    }

    private static void hint(ObjectNode slice, int endpoint, String zone) {
        ((ObjectNode) slice.path("endpoints").path(endpoint))
                .putObject("hints")
                .putArray("forZones")
                .addObject()
                .put("name", zone);
    }

    @Test
    void sliceThatBecomesNonsense_staysAsItWas() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(100)) {
            registry.set(Entry.many(2));
            ObjectNode slice = registry.slice("z", List.of(Entry.of(7)));
            registry.put(slice);
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.8:8080");
                registry.put(slice.deepCopy().put("endpoints", 7));
                assertThat(recorder.awaitError()).contains("slice z", "endpoints must be an array");
                registry.set(Entry.many(1));
                recorder.awaitIds("10.0.0.1:8080");
            }
        }
    }

    @Test
    void watchesThatEnd_andHistoryThatIsGone_areNoErrors() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(1)) {
            registry.set(Entry.many(3));
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080");
                for (int i = 0; i < 4; i++) {
                    int connections = registry.server.connections.get();
                    registry.endWatches(true);
                    registry.set(Entry.many(2 - i % 2));
                    registry.compact();
                    registry.endWatches(false);
                    recorder.awaitIds(
                            i % 2 == 0
                                    ? new String[] {"10.0.0.1:8080", "10.0.0.2:8080"}
                                    : new String[] {"10.0.0.1:8080"});
                    assertThat(registry.server.connections.get()).isGreaterThanOrEqualTo(connections);
                }
                assertThat(recorder.errors).isEmpty();
            }
        }
    }

    @Test
    void watchesThatEndAtOnceWithoutAWord_leadToANewList() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(1)) {
            registry.set(Entry.many(3));
            KubernetesDiscovery source =
                    registry.builder(client).watchTimeout(Duration.ofMinutes(5)).build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080");
                registry.silentAboutHistory = true;
                registry.endWatches(true);
                registry.set(Entry.many(2));
                registry.compact();
                registry.endWatches(false);

                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
                registry.set(Entry.many(1));
                recorder.awaitIds("10.0.0.1:8080");
                assertThat(recorder.errors).isEmpty();
                assertThat(registry.lists)
                        .as("lists, of which three watches each are tried")
                        .isLessThan(4);
            }
        }
    }

    @Test
    void quietWatchesThatEndWhenTheyWereAskedTo_areNoErrors() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(1)) {
            registry.set(Entry.many(2));
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
                await().atMost(Duration.ofSeconds(60)).until(() -> registry.watches > 3);
                registry.set(Entry.many(1));
                recorder.awaitIds("10.0.0.1:8080");

                assertThat(recorder.errors).isEmpty();
                assertThat(registry.lists).isEqualTo(1);
            }
        }
    }

    @Test
    void pages_makeOneList() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(1)) {
            registry.set(Entry.many(1_200));
            try (Recorder recorder = Recorder.of(registry.source(client))) {
                assertThat(recorder.list()).hasSize(1_200);
                assertThat(recorder.lists).hasSize(1);
            }
        }
    }

    @Test
    void inCluster_usesTheServiceAccount_andFollowsItsRotation() throws Exception {
        HeldCertificate first = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        HeldCertificate second = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        Files.writeString(directory.resolve("namespace"), "shop\n");
        Files.writeString(directory.resolve("token"), "secret-one\n");
        Files.writeString(directory.resolve("ca.crt"), first.certificatePem());
        Map<String, String> environment;
        int port = freePort();
        try (MockWebServer server = serve(first, port)) {
            environment =
                    Map.of("KUBERNETES_SERVICE_HOST", "127.0.0.1", "KUBERNETES_SERVICE_PORT", String.valueOf(port));
            server.setDispatcher(new Dispatcher() {
                @Override
                public MockResponse dispatch(RecordedRequest request) {
                    return answer(request);
                }
            });
            KubernetesDiscovery source = KubernetesDiscovery.inCluster(client, "users", environment, directory)
                    .backoff(Duration.ofMillis(1), Duration.ofMillis(50))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                RecordedRequest request = server.takeRequest();
                assertThat(request.getUrl().encodedPath())
                        .isEqualTo("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices");
                assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer secret-one");
                assertThat(recorder.awaitError())
                        .contains("401", "shop/users")
                        .doesNotContain("secret-one")
                        .doesNotContain("labelSelector");

                Files.writeString(directory.resolve("token"), "secret-two");
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> "Bearer secret-two"
                                .equals(server.takeRequest().getHeaders().get("Authorization")));
                recorder.awaitIds();

                // Another authority: the old file refuses it, the new one does not.
                server.close();
                try (MockWebServer renewed = await().atMost(Duration.ofSeconds(60))
                        .ignoreExceptionsInstanceOf(BindException.class)
                        .until(() -> serve(second, port), started -> true)) {
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> recorder.errors.stream()
                                    .anyMatch(error ->
                                            String.valueOf(error.getMessage()).contains("PKIX")));
                    Files.writeString(directory.resolve("ca.crt"), second.certificatePem());
                    assertThat(renewed.takeRequest().getUrl().encodedPath())
                            .isEqualTo("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices");
                }
            }
        }
    }

    /** Knows the second token only; has no endpoints, and ends watches at once. */
    private static MockResponse answer(RecordedRequest request) {
        if (!"Bearer secret-two".equals(request.getHeaders().get("Authorization"))) {
            return new MockResponse.Builder()
                    .code(401)
                    .body("{\"message\":\"secret-one is no good\"}")
                    .build();
        }
        boolean watch = "true".equals(request.getUrl().queryParameter("watch"));
        return new MockResponse.Builder()
                .body(watch ? "" : "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}")
                .build();
    }

    /** MockWebServer lets go of its port for a successor only if the port was chosen. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private static MockWebServer serve(HeldCertificate certificate, int port) throws IOException {
        MockWebServer server = new MockWebServer();
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslSocketFactory());
        server.start(InetAddress.getByName("127.0.0.1"), port);
        return server;
    }

    @Test
    void inCluster_outsideOfOne_saysSo() {
        assertThatIllegalStateException()
                .isThrownBy(() -> KubernetesDiscovery.inCluster(client, "users", Map.of(), directory))
                .withMessageContaining("KUBERNETES_SERVICE_HOST");
    }

    @Test
    void argumentsThatAreNone_areRefused() {
        KubernetesDiscovery.Builder builder = KubernetesDiscovery.builder(client, "http://127.0.0.1", "a", "b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KubernetesDiscovery.builder(client, "http://u:secret@[", "a", "b"))
                .withMessageNotContaining("secret");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.port(0)).withMessage("port must be 1..65535: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.portName("a\nb"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.scheme("ftp"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.watchTimeout(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.backoff(Duration.ZERO, Duration.ofSeconds(1)));
    }
}
