package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a source says to a control plane, and what it makes of the answers. */
@Timeout(120)
class XdsDiscoveryTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String FIRST = "10.0.0.1:8080";
    private static final String SECOND = "10.0.0.2:8080";

    private final OkHttpClient client = new OkHttpClient();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answers_areAccepted_byTheirNonces(boolean delta) throws Exception {
        try (FakeXds xds = new FakeXds(delta)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                recorder.awaitIds(FIRST);
                xds.set(Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);
                await().atMost(LONG).until(() -> xds.accepted.size() == 2);

                assertThat(xds.accepted).containsExactly("n1", "n2");
                assertThat(xds.refused).isEmpty();
                assertThat(xds.openings).hasSize(1);
                assertThat(recorder.errors).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void answerThatCannotBeRead_isRefusedWithTheReason_andTheStreamGoesOn(boolean delta) throws Exception {
        try (FakeXds xds = new FakeXds(delta)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                recorder.awaitIds(FIRST);
                xds.sendEndpoints(ByteString.decodeHex("0a7f"));
                assertThat(recorder.awaitError())
                        .isEqualTo(
                                "xDS cluster users: a message must be of Protocol Buffers: it has an end in the middle"
                                        + " of a field");
                await().atMost(LONG).until(() -> xds.refused.size() == 1);
                assertThat(xds.refused.get(0)).endsWith("it has an end in the middle of a field");
                assertThat(recorder.lists).hasSize(1);

                xds.set(Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);
                assertThat(xds.openings).as("streams").hasSize(1);
                assertThat(recorder.errors).hasSize(1);
            }
        }
    }

    @Test
    void answerThatFlapsBetweenGoodAndBad_isToldOnceAMinute() throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                recorder.awaitIds(FIRST);
                for (int i = 0; i < 50; i++) {
                    xds.sendEndpoints(ByteString.decodeHex("0a7f"));
                    xds.set(Entry.many(1 + i % 2));
                }
                await().atMost(LONG).until(() -> xds.refused.size() == 50);
                recorder.awaitIds(FIRST, SECOND);
                assertThat(recorder.errors).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void badAnswersWithoutAnEnd_endTheStream_withOneErrorAndAPause(boolean delta) throws Exception {
        try (FakeXds xds = new FakeXds(delta)) {
            xds.set(Entry.many(1));
            BackendDiscovery source = xds.source(client);
            VirtualTime time = new VirtualTime();
            try (Following following = new Following(source, time)) {
                following.awaitList(Entry.many(1));
                for (int i = 0; i < 200; i++) {
                    xds.sendEndpoints(ByteString.decodeHex("0a7f"));
                }
                // The clock stands still: the next stream is opened only when the pause is over.
                await().atMost(LONG).until(time::hasTimer);
                assertThat(xds.openings).as("streams").hasSize(1);
                assertThat(xds.refused).hasSizeLessThanOrEqualTo(21);
                assertThat(following.errors()).hasSize(1);
                following.awaitCalls(10);
                assertThat(following.list()).hasSize(1);

                xds.set(Entry.many(2));
                await().atMost(LONG).until(() -> {
                    if (time.hasTimer()) {
                        time.advanceToNextTimer();
                    }
                    return following.list().size() == 2;
                });
                assertThat(xds.openings).as("streams").hasSize(2);
                assertThat(following.errors()).hasSize(1);
            }
        }
    }

    @Test
    void answerThatWasNotAskedFor_isIgnored() throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                recorder.awaitIds(FIRST);
                xds.send(XdsMessages.answer("type.googleapis.com/envoy.config.listener.v3.Listener", "v", "n"));
                xds.send(XdsMessages.answer(XdsMessages.CLUSTER, "v", "n"));
                xds.set(Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);
                assertThat(xds.refused).isEmpty();
                assertThat(recorder.errors).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cluster_saysWhereItsEndpointsAre(boolean delta) throws Exception {
        try (FakeXds xds = new FakeXds(delta)) {
            xds.move("users-blue", Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.builder(client).cds().build())) {
                recorder.awaitIds(FIRST);
                xds.move("users-green", Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);

                xds.cluster(ByteString.EMPTY);
                recorder.awaitIds();
                xds.move("users-red", Entry.many(1));
                recorder.awaitIds(FIRST);
                assertThat(recorder.errors).isEmpty();
                assertThat(xds.openings).as("streams").hasSize(1);
            }
        }
    }

    @Test
    void clusterOfAnotherType_isRefused_andTheEndpointsStay() throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.builder(client).cds().build())) {
                recorder.awaitIds(FIRST);
                xds.cluster(ByteString.decodeHex("0a0575736572731001")); // users, STRICT_DNS
                assertThat(recorder.awaitError()).endsWith("a cluster must be of the type EDS: \"users\"");
                await().atMost(LONG).until(() -> xds.refused.size() == 1);
                xds.set(Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);
            }
        }
    }

    @Test
    void endpointsThatAreRemoved_areAnEmptyList() throws Exception {
        try (FakeXds xds = new FakeXds(true)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                recorder.awaitIds(FIRST);
                xds.removeEndpoints();
                recorder.awaitIds();
            }
        }
    }

    @Test
    void streamThatEndsInGoodOrder_isOpenedAnew_andIsNoError() throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                recorder.awaitIds(FIRST);
                xds.end("grpc-status", "0");
                await().atMost(LONG).until(() -> xds.openings.size() == 2);
                xds.set(Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);
                xds.end("grpc-status", "14", "grpc-message", "going away");
                await().atMost(LONG).until(() -> xds.openings.size() == 3);
                xds.set(Entry.many(1));
                recorder.awaitIds(FIRST);

                assertThat(recorder.errors).isEmpty();
                assertThat(xds.openings).as("each without a version").noneMatch(request -> request.containsKey(1));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, no%20token%21, grpc-status 16: no token!",
        "7, 100%, grpc-status 7: 100%",
        "12, '', grpc-status 12",
        "5, a%0d%0aWARN fake, grpc-status 5: a\uFFFD\uFFFDWARN fake",
    })
    void refusal_inAHeadAlone_isTold(String status, String message, String told) throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            xds.refusal = new String[] {"grpc-status", status, "grpc-message", message};
            try (Recorder recorder = Recorder.of(xds.source(client))) {
                assertThat(recorder.awaitError())
                        .isEqualTo("xDS cluster users: the control plane ended the stream with " + told);
                xds.refusal = null;
                xds.set(Entry.many(1));
                recorder.awaitIds(FIRST);
            }
        }
    }

    @Test
    void controlPlaneThatSaysNothing_isLeftForTheNext() throws Exception {
        OkHttpClient impatient =
                client.newBuilder().readTimeout(Duration.ofMillis(500)).build();
        try (FakeXds silent = new FakeXds(false);
                FakeXds xds = new FakeXds(false)) {
            silent.silent = true;
            xds.set(Entry.many(1));
            XdsDiscovery source = XdsDiscovery.builder(impatient, "users", silent.server.url(), xds.server.url())
                    .backoff(Duration.ofMillis(1), Duration.ofMillis(4))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds(FIRST);
                assertThat(recorder.errors.get(0))
                        .hasMessage("xDS cluster users: the control plane has sent no endpoints of cluster users within"
                                + " 500 ms");
            }
        }
    }

    @Test
    void list_staysAsLongAsNothingChanges_whateverTheReadTimeout() throws Exception {
        OkHttpClient impatient =
                client.newBuilder().readTimeout(Duration.ofMillis(100)).build();
        try (FakeXds xds = new FakeXds(false)) {
            xds.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(xds.source(impatient))) {
                recorder.awaitIds(FIRST);
                long untilNanos = System.nanoTime() + Duration.ofMillis(500).toNanos();
                await().atMost(LONG).until(() -> System.nanoTime() >= untilNanos);
                xds.set(Entry.many(2));
                recorder.awaitIds(FIRST, SECOND);
                assertThat(xds.openings).as("streams").hasSize(1);
            }
        }
    }

    @Test
    void node_isWhatTheBuilderSays(@TempDir Path directory) throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            xds.set(Entry.many(1));
            XdsDiscovery source = xds.builder(client)
                    .nodeId("node7")
                    .nodeCluster("shop")
                    .nodeMetadata("version", "v23")
                    .nodeLocality("eu", "eu-1a", "rack9")
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds(FIRST);
                assertThat(xds.openings.get(0).get(2).get(0))
                        .contains("node7", "shop", "version", "v23", "eu-1a", "rack9");
            }
            Path file = directory.resolve("bootstrap.json");
            Files.writeString(file, """
                    {"xds_servers": [{"server_uri": "%s", "channel_creds": [{"type": "insecure"}]}],
                     "node": {"id": "node8", "locality": {"zone": "eu-1b"}, "metadata": {"a": "b23"}}}
                    """.formatted(xds.server.url().replace("http://", "")));
            try (Recorder recorder =
                    Recorder.of(XdsDiscovery.bootstrap(client, "users", file).build())) {
                recorder.awaitIds(FIRST);
                assertThat(xds.openings.get(1).get(2).get(0)).contains("node8", "eu-1b", "b23");
            }
        }
    }

    @Test
    void endpoints_areBackendsWithTheirZonesAndMetadata() throws Exception {
        try (FakeXds xds = new FakeXds(false)) {
            Entry entry = new Entry("users-1.internal", 8443, 3, "eu-1a", Map.of("version", "2"));
            xds.set(List.of(entry));
            try (Recorder recorder =
                    Recorder.of(xds.builder(client).scheme("https").build())) {
                assertThat(recorder.list())
                        .containsExactly(Backend.builder("https://users-1.internal:8443")
                                .weight(3)
                                .zone("eu-1a")
                                .metadata("version", "2")
                                .build());
            }
        }
    }

    /** One answer over TLS, whose head is looked at. */
    @Test
    void request_isOneOfGrpc_overTls_withTheToken() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        OkHttpClient trusting = client.newBuilder()
                .sslSocketFactory(
                        trust(certificate).sslSocketFactory(),
                        trust(certificate).trustManager())
                .build();
        ByteString message = XdsMessages.answer(
                XdsMessages.ENDPOINTS,
                "v1",
                "n1",
                XdsMessages.assignment("users", List.of(new XdsMessages.Listed("10.0.0.1", 8080, 1, "", Map.of()))));
        try (MockWebServer server = new MockWebServer()) {
            server.useHttps(new HandshakeCertificates.Builder()
                    .heldCertificate(certificate)
                    .build()
                    .sslSocketFactory());
            server.start(InetAddress.getByName("127.0.0.1"), 0);
            server.enqueue(new MockResponse.Builder()
                    .addHeader("Content-Type", "application/grpc")
                    .body(new Buffer().writeByte(0).writeInt(message.size()).write(message))
                    .trailers(Headers.of("grpc-status", "16", "grpc-message", "bad token s3cret-t0ken-of-xds"))
                    .doNotReadRequestBody()
                    .build());
            server.enqueue(new MockResponse.Builder()
                    .code(403)
                    .body("bad token s3cret-t0ken-of-xds")
                    .doNotReadRequestBody()
                    .build());
            XdsDiscovery source = XdsDiscovery.builder(
                            trusting, "users", "https://127.0.0.1:" + server.getPort() + "/mesh")
                    .token(() -> "s3cret-t0ken-of-xds")
                    .backoff(Duration.ofMillis(1), Duration.ofMillis(4))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds(FIRST);
                RecordedRequest request = server.takeRequest();
                assertThat(request.getRequestLine())
                        .isEqualTo("POST /mesh/envoy.service.discovery.v3.AggregatedDiscoveryService/"
                                + "StreamAggregatedResources HTTP/2");
                assertThat(request.getHeaders().get("Content-Type")).isEqualTo("application/grpc+proto");
                assertThat(request.getHeaders().get("TE")).isEqualTo("trailers");
                assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer s3cret-t0ken-of-xds");
                assertThat(recorder.awaitError()).contains("was answered 403: bad token …");
            }
        }
    }

    private static HandshakeCertificates trust(HeldCertificate certificate) {
        return new HandshakeCertificates.Builder()
                .addTrustedCertificate(certificate.certificate())
                .build();
    }

    @Test
    void serverWithoutHttp2_isAnError() throws Exception {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> answer.whole(200, "hello"))) {
            try (Recorder recorder = Recorder.of(
                    XdsDiscovery.builder(client, "users", server.url()).build())) {
                assertThat(recorder.awaitError()).startsWith("xDS cluster users: ");
                assertThat(recorder.lists).isEmpty();
            }
        }
    }
}
