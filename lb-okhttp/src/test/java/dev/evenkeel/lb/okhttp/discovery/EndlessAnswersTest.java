package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages and lines without an end are an error, told once, and asked for again after a pause. */
@Timeout(120)
class EndlessAnswersTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final OkHttpClient client = new OkHttpClient();
    private final AtomicInteger requests = new AtomicInteger();

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private BackendDiscovery etcd(LoopbackServer server) {
        return EtcdDiscovery.builder(client, "/p/", server.url()).build();
    }

    private BackendDiscovery kubernetes(LoopbackServer server) {
        return KubernetesDiscovery.builder(client, server.url(), "ns", "users").build();
    }

    private static void assertToldOnce(BackendDiscovery source, String text) {
        try (Recorder recorder = Recorder.of(source)) {
            assertThat(recorder.awaitError()).endsWith(text);
            assertThat(recorder.errors).hasSize(1);
            assertThat(recorder.lists).isEmpty();
        }
    }

    @Test
    void pagesOfEtcd_thatDoNotGoOn_areRefused() throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> answer.whole(
                200,
                "{\"header\":{\"revision\":\"5\"},\"more\":true,\"kvs\":[{\"key\":\"" + base64("/p/a")
                        + "\",\"value\":\"" + base64("http://10.0.0.1:80") + "\"}]}"))) {
            assertToldOnce(etcd(server), "a page must go on behind the one before");
        }
    }

    @Test
    void emptyPagesOfEtcd_areRefused() throws IOException {
        try (LoopbackServer server = new LoopbackServer(
                (request, answer) -> answer.whole(200, "{\"header\":{\"revision\":\"5\"},\"more\":true}"))) {
            assertToldOnce(etcd(server), "a page must go on behind the one before");
        }
    }

    @Test
    void pagesOfKubernetes_withoutAnEnd_areRefused() throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> {
            int number = requests.incrementAndGet();
            answer.whole(
                    200, "{\"metadata\":{\"resourceVersion\":\"1\",\"continue\":\"" + number + "\"},\"items\":[]}");
        })) {
            assertToldOnce(kubernetes(server), "a list must have at most 1000 pages");
        }
    }

    @Test
    void blankLinesOfAWatch_withoutAnEnd_areRefused() throws IOException {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> {
            if (request.query().containsKey("watch")) {
                answer.open();
                while (true) {
                    answer.send("\n".repeat(1_000));
                }
            }
            answer.whole(200, "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}");
        })) {
            try (Recorder recorder = Recorder.of(kubernetes(server))) {
                assertThat(recorder.awaitError()).endsWith("more than 10000 blank lines in a row");
                assertThat(recorder.errors).hasSize(1);
            }
        }
    }

    @Test
    void valueOfEtcd_thatIsTooLarge_isAFaultOfItsKey() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd()) {
            etcd.put(FakeEtcd.PREFIX + "a", "http://10.0.0.1:8080");
            etcd.put(FakeEtcd.PREFIX + "b", "http://10.0.0.2:8080" + " ".repeat(70_000));
            try (Recorder recorder = Recorder.of(etcd.source(client))) {
                recorder.awaitIds("10.0.0.1:8080");
                await().atMost(LONG).until(() -> !recorder.errors.isEmpty());
                assertThat(recorder.awaitError()).endsWith("a value must have at most 65536 bytes: 70020");
            }
        }
    }
}
