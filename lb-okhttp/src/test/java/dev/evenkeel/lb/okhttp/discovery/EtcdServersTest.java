package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of several servers is asked, and what a server's refusal leads to. */
@Timeout(120)
class EtcdServersTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final OkHttpClient client = new OkHttpClient();

    private static LoopbackServer silent() throws IOException {
        return new LoopbackServer((request, answer) -> new CountDownLatch(1).await());
    }

    private EtcdDiscovery.Builder source(OkHttpClient by, String server, String... others) {
        return EtcdDiscovery.builder(by, FakeEtcd.PREFIX, server, others)
                .backoff(Duration.ofMillis(1), Duration.ofMillis(4));
    }

    @Test
    void quietWatch_isOpenedAnewAtTheServerThatWorks() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                LoopbackServer other = silent()) {
            etcd.set(Entry.many(1));
            EtcdDiscovery source = source(client, etcd.server.url(), other.url(), "http://127.0.0.1:1")
                    .watchTimeout(Duration.ofSeconds(1))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds("10.0.0.1:8080");
                int connections = etcd.server.connections.get();
                await().atMost(LONG).until(() -> etcd.server.connections.get() > connections + 2);
                etcd.set(Entry.many(2));
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");

                assertThat(recorder.errors).isEmpty();
                assertThat(other.connections).hasValue(0);
            }
        }
    }

    @Test
    void serverThatIsSilent_isLeftWithinTheRequestTimeout_howeverLongTheWatch() throws Exception {
        OkHttpClient impatient =
                client.newBuilder().readTimeout(Duration.ofMillis(200)).build();
        try (FakeEtcd etcd = new FakeEtcd();
                LoopbackServer other = silent()) {
            etcd.set(Entry.many(1));
            EtcdDiscovery source = source(impatient, etcd.server.url(), other.url())
                    .watchTimeout(Duration.ofHours(1))
                    .build();
            try (Recorder recorder = Recorder.of(source)) {
                recorder.awaitIds("10.0.0.1:8080");
                etcd.server.down();
                await().atMost(LONG).until(() -> other.connections.get() > 0);
                etcd.server.up();
                etcd.set(Entry.many(2));

                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
            }
        }
    }

    @Test
    void watchThatIsRefusedForGood_isOneError_andTheListStays() throws Exception {
        AtomicInteger logins = new AtomicInteger();
        AtomicInteger watches = new AtomicInteger();
        try (LoopbackServer etcd = new LoopbackServer((request, answer) -> {
                    switch (request.path()) {
                        case "/v3/auth/authenticate" ->
                            answer.whole(200, "{\"token\":\"token-" + logins.incrementAndGet() + "\"}");
                        case "/v3/kv/range" ->
                            answer.whole(
                                    200,
                                    "{\"header\":{\"cluster_id\":\"1\",\"revision\":\"7\"},\"kvs\":[{\"key\":\"L3NlcnZpY2VzL3VzZXJzL2E=\",\"value\":\"MTAuMC4wLjE6ODA4MA==\"}]}");
                        default -> {
                            watches.incrementAndGet();
                            answer.open();
                            answer.send(
                                    "{\"result\":{\"canceled\":true,\"cancel_reason\":"
                                            + "\"rpc error: code = PermissionDenied desc = etcdserver: permission denied\"}}\n");
                        }
                    }
                });
                Recorder recorder = Recorder.of(source(client, etcd.url())
                        .credentials("reader", "geheim")
                        .build())) {
            recorder.awaitIds("10.0.0.1:8080");
            assertThat(recorder.awaitError())
                    .endsWith("the watch was refused: rpc error: code = PermissionDenied desc ="
                            + " etcdserver: permission denied");
            await().atMost(LONG).until(() -> watches.get() > 10);

            assertThat(recorder.errors).hasSize(1);
            assertThat(recorder.lists).hasSize(1);
            assertThat(logins).as("each token is tried once more").hasValueLessThanOrEqualTo(watches.get());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, etcdserver: revision of auth store is old",
        "400, etcdserver: user name is empty",
        "401, etcdserver: invalid auth token",
        "403, etcdserver: permission denied",
        "500, auth: revision in header is old; etcdserver: revision of auth store is old",
        "503, etcdserver: invalid auth token",
    })
    void refusalOfAToken_replacesIt_withoutAnError(int code, String message) throws Exception {
        AtomicInteger logins = new AtomicInteger();
        try (FakeEtcd etcd = new FakeEtcd();
                LoopbackServer strict = new LoopbackServer((request, answer) -> {
                    String token = request.headers().getOrDefault("authorization", "");
                    if (request.path().equals("/v3/auth/authenticate")) {
                        answer.whole(200, "{\"token\":\"token-" + logins.incrementAndGet() + "\"}");
                    } else if (request.path().equals("/v3/watch") && token.equals("token-1")) {
                        answer.whole(code, "{\"error\":\"" + message + "\",\"code\":2}");
                    } else {
                        etcd.answer(request, answer);
                    }
                })) {
            etcd.set(Entry.many(1));
            // The first token is of the same round as the watch, so the second round replaces it at the latest.
            try (Recorder recorder = Recorder.of(
                    source(client, strict.url()).credentials("reader", "geheim").build())) {
                recorder.awaitIds("10.0.0.1:8080");
                await().atMost(LONG).until(() -> logins.get() == 2);
                etcd.set(Entry.many(2));
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
                assertThat(recorder.errors).isEmpty();
            }
        }
    }

    @Test
    void refusalInPlaceOfAMessage_replacesTheToken() throws Exception {
        AtomicInteger logins = new AtomicInteger();
        try (FakeEtcd etcd = new FakeEtcd();
                LoopbackServer strict = new LoopbackServer((request, answer) -> {
                    String token = request.headers().getOrDefault("authorization", "");
                    if (request.path().equals("/v3/auth/authenticate")) {
                        answer.whole(200, "{\"token\":\"token-" + logins.incrementAndGet() + "\"}");
                    } else if (request.path().equals("/v3/watch") && token.equals("token-1")) {
                        answer.open();
                        answer.send(
                                "{\"error\":{\"grpc_code\":16,\"http_code\":401,\"message\":\"invalid auth token\"}}\n");
                    } else {
                        etcd.answer(request, answer);
                    }
                })) {
            etcd.set(Entry.many(1));
            try (Recorder recorder = Recorder.of(
                    source(client, strict.url()).credentials("reader", "geheim").build())) {
                recorder.awaitIds("10.0.0.1:8080");
                await().atMost(LONG).until(() -> logins.get() == 2);
                etcd.set(Entry.many(2));
                recorder.awaitIds("10.0.0.1:8080", "10.0.0.2:8080");
                assertThat(recorder.errors).isEmpty();
            }
        }
    }
}
