package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.discovery.FileDiscovery;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README: no surprise threads. In a process of its own, as other tests start theirs. */
final class ThreadsTest {
    @TempDir
    private Path directory;

    @Test
    void poolsStartNoThreadsButTheOnesThatThePageLists_allDaemons() throws Exception {
        Path output = directory.resolve("threads");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        directory.resolve("list").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(Files.readAllLines(output).stream().filter(line -> line.startsWith("threads ")))
                .containsExactly(
                        "threads of ten pools: evenkeel-leaked-bodies evenkeel-timer",
                        "threads with checks: evenkeel-leaked-bodies evenkeel-tcp-check evenkeel-timer",
                        "threads with discovery: evenkeel-discovery evenkeel-leaked-bodies evenkeel-timer",
                        "threads with a large table: evenkeel-leaked-bodies evenkeel-picker evenkeel-timer",
                        "threads after the close: evenkeel-leaked-bodies");
    }

    /** Makes pools and calls, and says which threads of ours there are. */
    static final class Main {
        private static final Set<String> SEEN = new TreeSet<>();

        private Main() {}

        public static void main(String[] args) throws Exception {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write(new byte[] {'o', 'k'});
                exchange.close();
            });
            server.start();
            String url = "http://127.0.0.1:" + server.getAddress().getPort();
            List<LoadBalancer> pools = new ArrayList<>();
            OkHttpClient client = new OkHttpClient();
            for (int i = 0; i < 10; i++) {
                pools.add(LoadBalancers.builder("users" + i)
                        .backends(url, "http://127.0.0.1:1")
                        .strategy(Strategies.roundRobin())
                        .build());
                client = LoadBalancing.attach(client, pools.get(i));
            }
            for (int i = 0; i < 200; i++) {
                call(client, "http://users" + i % 10 + "/");
            }
            say("of ten pools");
            with(
                    "with checks",
                    "evenkeel-tcp-check",
                    builder -> builder.backend(Backend.of(url))
                            .healthCheck(HealthCheckPolicy.builder(HealthChecks.tcp())
                                    .interval(Duration.ofMillis(20))
                                    .build()));
            Path list = Files.writeString(Path.of(args[0]), url);
            with(
                    "with discovery",
                    "evenkeel-discovery",
                    builder -> builder.discovery(FileDiscovery.of(
                                    list, content -> List.of(Backend.of(new String(content, StandardCharsets.UTF_8))))
                            .withInterval(Duration.ofMillis(20))));
            withLargeTable();
            pools.forEach(LoadBalancer::close);
            awaitEnd("evenkeel-timer");
            awaitEnd("evenkeel-picker");
            say("after the close");
            System.exit(0);
        }

        private static void call(OkHttpClient client, String url) throws IOException {
            try (Response response =
                    client.newCall(new Request.Builder().url(url).build()).execute()) {
                response.body().string();
            }
        }

        private static void with(String what, String thread, UnaryOperator<LoadBalancerBuilder> feature) {
            try (LoadBalancer pool =
                    feature.apply(LoadBalancers.builder("more")).build()) {
                awaitStart(thread);
                say(what);
            }
        }

        private static void withLargeTable() {
            LoadBalancerBuilder builder = LoadBalancers.builder("many").strategy(Strategies.consistentHash());
            for (int i = 0; i < 1_000; i++) {
                builder.backend(Backend.of("http://10.0." + i / 250 + "." + i % 250 + ":80"));
            }
            try (LoadBalancer pool = builder.build()) {
                RequestContext key = RequestContext.ofAffinityKey("key");
                for (int i = 0; i < 500; i++) {
                    ((Lease) pool.acquire(key)).complete(Outcome.SERVER_ERROR);
                }
                awaitStart("evenkeel-picker");
                say("with a large table");
            }
        }

        private static void awaitStart(String thread) {
            await().until(() -> {
                see();
                return SEEN.contains(thread);
            });
        }

        private static void awaitEnd(String thread) {
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(running -> running.getName().equals(thread)));
        }

        /** Remembers threads that may have ended when it is time to say which there were. */
        private static void see() {
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().startsWith("evenkeel")) {
                    SEEN.add(thread.getName() + (thread.isDaemon() ? "" : " (not a daemon)"));
                }
            }
        }

        private static void say(String when) {
            see();
            System.out.println("threads " + when + ": " + String.join(" ", SEEN));
            SEEN.clear();
        }
    }
}
