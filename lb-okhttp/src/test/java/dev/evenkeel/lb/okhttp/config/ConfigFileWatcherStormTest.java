package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file changes a hundred times while calls are made, and every tenth time to nonsense. */
class ConfigFileWatcherStormTest {
    private static final int RELOADS = 100;
    private static final int CALLERS = 4;

    @TempDir
    private Path directory;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger calls = new AtomicInteger();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    /** As fast as the machine lets them: at least so many calls between two reloads. */
    @Test
    @Timeout(180)
    void reloads_underTraffic_failNoCall_andEachGoodFileIsInForceForTheNextPick() throws Exception {
        storm(10, 0);
    }

    /** At 1,000 calls a second, ten reloads a second. */
    @Test
    @Tag("soak")
    @Timeout(600)
    void reloads_atAThousandCallsASecond_failNoCall() throws Exception {
        long start = System.nanoTime();
        storm(100, Duration.ofMillis(CALLERS).toNanos());
        double seconds = (System.nanoTime() - start) / 1e9;
        System.getLogger("dev.evenkeel.lb")
                .log(
                        System.Logger.Level.INFO,
                        "{0} calls in {1} s, {2} failed, {3} reloads",
                        calls.get(),
                        seconds,
                        failures.size(),
                        RELOADS);
    }

    private void storm(int callsBetween, long periodNanos) throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b")) {
            Path file = directory.resolve("balancing.json");
            Files.writeString(file, document(a, "a"));
            try (LiveConfig config = LiveConfig.start(file)) {
                OkHttpClient client = config.attach(new OkHttpClient());
                Semaphore made = new Semaphore(0);
                List<Thread> callers = new ArrayList<>();
                for (int i = 0; i < CALLERS; i++) {
                    Thread caller = new Thread(() -> call(client, made, periodNanos), "caller");
                    callers.add(caller);
                    caller.start();
                }
                try {
                    made.acquire(callsBetween);
                    int threadsBefore = 0;
                    for (int i = 0; i < RELOADS; i++) {
                        reload(config, client, file, i, i % 2 == 0 ? b : a);
                        made.acquire(callsBetween);
                        if (i == 20) {
                            threadsBefore = threads();
                        }
                    }
                    int most = threadsBefore + 2;
                    await().atMost(Duration.ofMinutes(1)).until(() -> threads() <= most);
                } finally {
                    stop.set(true);
                    for (Thread caller : callers) {
                        caller.join();
                    }
                }
                assertThat(failures).isEmpty();
                assertThat(calls.get()).isGreaterThan(RELOADS * callsBetween);
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> config.pool("users").snapshot().backends().stream()
                                .allMatch(status -> status.inFlight() == 0));
            }
        }
    }

    private static void reload(LiveConfig config, OkHttpClient client, Path file, int number, TestBackend next)
            throws IOException {
        boolean broken = number % 10 == 9;
        String before = Calls.body(client, "http://www.example.com/x");
        Files.writeString(
                file, broken ? document(next, next.name).replace("\"to\"", "\"too\"") : document(next, next.name));
        if (broken) {
            assertThat(catchThrowable(config::reload)).isInstanceOf(ConfigException.class);
        } else {
            config.reload();
        }
        assertThat(Calls.body(client, "http://www.example.com/x")).isEqualTo(broken ? before : next.name);
        assertThat(Calls.body(client, "http://users/x")).isEqualTo(broken ? before : next.name);
    }

    private void call(OkHttpClient client, Semaphore made, long periodNanos) {
        long next = System.nanoTime();
        for (int i = 0; !stop.get(); i++) {
            try {
                String url = i % 2 == 0 ? "http://users/x" : "http://www.example.com/x";
                assertThat(Calls.body(client, url)).isIn("a", "b");
            } catch (Throwable e) {
                failures.add(e);
            }
            calls.incrementAndGet();
            made.release();
            next += periodNanos;
            while (periodNanos > 0 && next - System.nanoTime() > 0 && !stop.get()) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
    }

    /** Ours, and OkHttp's own but for its connections'. */
    private static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("evenkeel")
                        || thread.getName().startsWith("OkHttp Dispatcher"))
                .count();
    }

    /** Both pools, the route and the settings differ. */
    private static String document(TestBackend backend, String name) {
        return """
                {
                  "pools": [
                    { "name": "users", "backends": [ "%s" ], "strategy": "%s" },
                    { "name": "only-%s", "backends": [ "%s" ] }
                  ],
                  "routes": [ { "name": "all", "host": "www.example.com", "to": "only-%s" } ],
                  "retries": { "maxAttempts": %d },
                  "reloadInterval": "10ms"
                }
                """.formatted(
                        backend.uri(),
                        name.equals("a") ? "adaptive" : "roundRobin",
                        name,
                        backend.uri(),
                        name,
                        name.equals("a") ? 2 : 3);
    }
}
