package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Answers of Consul without an end: bounded in number, size and time, told once, asked for again after waits that double,
 * and the last good list stays.
 */
@Timeout(240)
class ConsulEndlessAnswersTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final AtomicInteger requests = new AtomicInteger();
    private final VirtualTime time = new VirtualTime();
    private volatile boolean endless;
    private volatile String entries = entry("10.0.0.1");

    /** What does not come to an end. */
    enum Kind {
        ENTRIES("a list must have at most 100000 entries") {
            @Override
            void send(LoopbackServer.Answer answer) throws IOException {
                answer.send("[");
                for (int network = 0; ; network++) {
                    StringBuilder entries = new StringBuilder();
                    for (int host = 1; host <= 250; host++) {
                        entries.append(entry("10." + network / 250 + "." + network % 250 + "." + host))
                                .append(",");
                    }
                    answer.send(entries.toString());
                }
            }
        },
        TAGS("an object must have at most 1000000 values") {
            @Override
            void send(LoopbackServer.Answer answer) throws IOException {
                answer.send("[{\"Service\":{\"Tags\":[");
                while (true) {
                    answer.send("7,".repeat(1_000));
                }
            }
        },
        NESTING("the answer is not JSON: Document nesting depth (65) exceeds the maximum allowed") {
            @Override
            void send(LoopbackServer.Answer answer) throws IOException {
                while (true) {
                    answer.send("[");
                }
            }
        },
        TIME("timeout") {
            @Override
            void send(LoopbackServer.Answer answer) throws IOException, InterruptedException {
                while (true) {
                    answer.send(" ");
                    // A server that is slow on purpose: no single read is late.
                    synchronized (this) {
                        wait(5);
                    }
                }
            }
        };

        private final String told;

        Kind(String told) {
            this.told = told;
        }

        abstract void send(LoopbackServer.Answer answer) throws IOException, InterruptedException;
    }

    private static String entry(String host) {
        return "{\"Service\":{\"Address\":\"" + host + "\",\"Port\":8080}}";
    }

    private static LoopbackServer server(ConsulEndlessAnswersTest test, Kind kind) throws IOException {
        return new LoopbackServer((request, answer) -> {
            test.requests.incrementAndGet();
            if (test.endless) {
                answer.open("X-Consul-Index: 7");
                kind.send(answer);
            }
            answer.whole(200, "[" + test.entries + "]", "X-Consul-Index: 7");
        });
    }

    @ParameterizedTest
    @EnumSource
    void answer_isGivenUp_andToldOnce_andAskedForWithABackOff(Kind kind) throws Exception {
        // A busy machine may need longer than that for a hundred thousand entries.
        Duration callTimeout = kind == Kind.TIME ? Duration.ofMillis(500) : Duration.ofSeconds(30);
        OkHttpClient client =
                new OkHttpClient.Builder().callTimeout(callTimeout).build();
        try (LoopbackServer server = server(this, kind);
                Following following = new Following(
                        ConsulDiscovery.builder(client, "users", server.url())
                                .backoff(Duration.ofSeconds(4), Duration.ofSeconds(30))
                                .build(),
                        time)) {
            following.awaitList(List.of(Entry.of(0)));
            // A query that does not wait for a change follows an outage: a server may answer that one at once, or not
            // at all.
            server.down();
            awaitWhileTimeGoesOn(() -> !following.errors().isEmpty());
            endless = true;
            server.up();
            awaitWhileTimeGoesOn(() -> told(following, kind) > 0);
            int before = requests.get();
            long until = time.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (time.nanoTime() < until) {
                await().atMost(LONG).until(time::hasTimer);
                time.advanceToNextTimer();
            }

            assertThat(requests.get() - before).as("attempts in 60 s").isLessThan(12);
            assertThat(told(following, kind)).isEqualTo(1);
            assertThat(following.list()).hasSize(1);
            following.awaitCalls(100);

            endless = false;
            entries = entry("10.0.0.1") + "," + entry("10.0.0.2");
            awaitWhileTimeGoesOn(() -> following.list().size() == 2);
        }
    }

    private static long told(Following following, Kind kind) {
        return following.errors().stream()
                .filter(error -> error.contains(kind.told))
                .count();
    }

    private void awaitWhileTimeGoesOn(Callable<Boolean> condition) {
        await().atMost(LONG).until(() -> {
            if (time.hasTimer()) {
                time.advanceToNextTimer();
            }
            return condition.call();
        });
    }
}
