package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocking calls on virtual threads, where the JDK has them. */
class VirtualThreadsTest {
    private static final int CALLS = 10_000;
    private static final String PINNED = "jdk.VirtualThreadPinned";

    @TempDir
    private Path directory;

    /** {@code Executors.newVirtualThreadPerTaskExecutor()}, which Java 17 does not know. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    /** The flight recorder's events of virtual threads that held on to their carriers while they waited, however shortly. */
    private static List<String> pinned(Recording recording, Path file) throws IOException {
        recording.stop();
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(PINNED))
                .map(RecordedEvent::toString)
                .toList();
    }

    @Test
    void tenThousandVirtualThreads_allFinish_pinNoCarrier_andLeaveNothing() throws Exception {
        assumeThat(Runtime.version().feature())
                .as("the JDK's version; virtual threads need 21")
                .isGreaterThanOrEqualTo(21);
        ScheduledExecutorService answers = Executors.newSingleThreadScheduledExecutor();
        List<RawH2Server> servers = new ArrayList<>();
        List<Backend> backends = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            RawH2Server server = RawH2Server.start(new Slow(name, answers));
            servers.add(server);
            backends.add(Backend.builder(server.uri()).id(name).build());
        }
        ExecutorService threads = virtualThreads();
        try (Recording recording = new Recording();
                LoadBalancer pool =
                        LoadBalancers.builder("users").backends(backends).build()) {
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE)
                            .readTimeout(Duration.ofMinutes(1))
                            .build(),
                    pool);
            Request request = new Request.Builder()
                    .url(Wire.H2_PRIOR_KNOWLEDGE.scheme() + "://users/x")
                    .build();

            // A class that is being initialized pins, on every JDK; that is not what this is about.
            for (int i = 0; i < backends.size() * 10; i++) {
                threads.submit(() -> call(client, request)).get(1, TimeUnit.MINUTES);
            }
            recording.enable(PINNED).withoutThreshold().withStackTrace();
            recording.start();

            List<Future<String>> calls = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                calls.add(threads.submit(() -> call(client, request)));
            }
            List<String> bodies = new ArrayList<>();
            for (Future<String> call : calls) {
                bodies.add(call.get(2, TimeUnit.MINUTES));
            }

            Map<String, Long> byBackend =
                    bodies.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
            assertThat(byBackend).containsOnlyKeys("a", "b", "c");
            assertThat(byBackend.values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(CALLS);
            assertThat(pool.snapshot().inFlight()).isZero();
            assertThat(pool.snapshot().backends()).allSatisfy(backend -> {
                assertThat(backend.count(Outcome.SUCCESS)).isEqualTo(backend.requests());
            });
            assertThat(pinned(recording, directory.resolve("pinned.jfr"))).isEmpty();
        } finally {
            threads.shutdownNow();
            answers.shutdownNow();
            for (RawH2Server server : servers) {
                server.close();
            }
        }
    }

    /** Answers after a while, so that thousands of calls wait at the same time. */
    private record Slow(String name, ScheduledExecutorService answers) implements RawH2Server.Handler {
        @Override
        public boolean wants(RawH2Server.Stream stream) {
            return true;
        }

        @Override
        public void answer(RawH2Server.Stream stream) {
            answers.schedule(
                    () -> {
                        stream.head(200);
                        stream.body(name, true);
                        return null;
                    },
                    100,
                    TimeUnit.MILLISECONDS);
        }
    }

    private static String call(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().string();
        }
    }
}
