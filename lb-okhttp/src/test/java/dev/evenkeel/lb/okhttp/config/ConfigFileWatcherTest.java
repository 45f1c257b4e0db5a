package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.discovery.VirtualTime;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a document's file is looked at, and what a look does. Time is virtual, and looks run in the test's thread. */
@Timeout(60)
class ConfigFileWatcherTest {
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    @TempDir
    private Path directory;

    private final VirtualTime time = new VirtualTime();
    private final Looks looks = new Looks();
    private final List<ConfigEvent> events = new ArrayList<>();
    private Path file;
    private ConfigReloader reloader;
    private ConfigFileWatcher watcher;

    /** Runs each look at once, and counts it. */
    private static class Looks extends AbstractExecutorService {
        int begun;
        boolean shutdown;

        @Override
        public void execute(Runnable look) {
            if (shutdown) {
                throw new RejectedExecutionException("shut down");
            }
            begun++;
            look.run();
        }

        @Override
        public void shutdown() {
            shutdown = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutdown();
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return shutdown;
        }

        @Override
        public boolean isTerminated() {
            return shutdown;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return shutdown;
        }
    }

    private static String document(String interval, String... pools) {
        List<String> written = new ArrayList<>();
        for (String pool : pools) {
            written.add("{'name': '" + pool + "', 'backends': ['http://10.0.0.1:80']}");
        }
        return ("{'reloadInterval': '" + interval + "', 'pools': [" + String.join(", ", written) + "]}")
                .replace('\'', '"');
    }

    private void start(String document) throws IOException {
        file = Files.writeString(directory.resolve("balancing.json"), document);
        reloader.start(Files.readAllBytes(file));
        watcher = new ConfigFileWatcher(file, reloader, looks);
    }

    @BeforeEach
    void prepare() {
        reloader = reloader(time);
    }

    private ConfigReloader reloader(Scheduler timers) {
        return new ConfigReloader(
                "test",
                name -> null,
                null,
                new ConfigReloader.Extras(
                        new HttpClientProvider(null), List.of(), List.of(events::add), List.of(), Duration.ZERO),
                timers);
    }

    @AfterEach
    void stop() {
        watcher.close();
        reloader.close();
    }

    private List<String> pools() {
        return reloader.pools().stream().map(LoadBalancer::name).toList();
    }

    @Test
    void file_isLookedAt_onceAnInterval() throws IOException {
        start(document("3s", "users"));
        time.advance(INTERVAL.minusMillis(1));
        assertThat(looks.begun).isZero();

        time.advance(Duration.ofMillis(1));
        assertThat(looks.begun).isEqualTo(1);
        time.advance(INTERVAL.multipliedBy(10));
        assertThat(looks.begun).isEqualTo(11);
    }

    @Test
    void changedFile_isInForceAfterTheNextLook() throws IOException {
        start(document("3s", "users"));
        time.advance(INTERVAL);
        Files.writeString(file, document("3s", "users", "orders"));

        time.advance(INTERVAL);

        assertThat(pools()).containsExactly("users", "orders");
        assertThat(events).hasSize(1);
    }

    @Test
    void unreadableFile_isRefused_andLookedAtAgain() throws IOException {
        start(document("3s", "users"));
        Files.delete(file);
        time.advance(INTERVAL);
        assertThat(events).singleElement().isInstanceOf(ConfigEvent.Refused.class);

        Files.writeString(file, document("3s", "users", "orders"));
        time.advance(INTERVAL);

        assertThat(pools()).containsExactly("users", "orders");
    }

    @Test
    void secretThatChanges_isReadWithTheSameFile() throws IOException {
        Path secret = Files.writeString(directory.resolve("pool"), "users");
        start(document("3s", "${file:" + secret + "}"));
        time.advance(INTERVAL.multipliedBy(3));
        assertThat(events).isEmpty();

        Files.writeString(secret, "orders");
        time.advance(INTERVAL);

        assertThat(pools()).containsExactly("orders");
        assertThat(events).hasSize(1);
    }

    @Test
    void newInterval_countsFromTheLookThatFoundIt() throws IOException {
        start(document("3s", "users"));
        time.advance(INTERVAL);
        Files.writeString(file, document("60s", "users"));
        time.advance(INTERVAL);
        assertThat(looks.begun).isEqualTo(2);

        time.advance(Duration.ofMillis(59_999));
        assertThat(looks.begun).isEqualTo(2);
        time.advance(Duration.ofMillis(1));
        assertThat(looks.begun).isEqualTo(3);
    }

    @Test
    void intervalOfZero_endsTheLooks_untilADocumentWantsThem() throws IOException {
        start(document("0s", "users"));
        time.advance(INTERVAL.multipliedBy(10));
        assertThat(looks.begun).isZero();

        reloader.reload(() -> document("3s", "users").getBytes(StandardCharsets.UTF_8));
        watcher.resume();
        watcher.resume();
        time.advance(INTERVAL);

        assertThat(looks.begun).isEqualTo(1);
    }

    @Test
    void close_endsTheLooks_andTheirThread() throws IOException {
        start(document("3s", "users"));
        watcher.close();
        time.advance(INTERVAL.multipliedBy(10));

        assertThat(looks.begun).isZero();
        assertThat(looks.shutdown).isTrue();
    }

    @Test
    void close_leavesNoTimer_withAnIntervalOrWithout() throws IOException {
        reloader.close();
        AtomicInteger timers = new AtomicInteger();
        reloader = reloader((task, delay) -> {
            timers.incrementAndGet();
            return timers::decrementAndGet;
        });
        start(document("3s", "users"));
        assertThat(timers).hasValue(1);
        watcher.close();
        assertThat(timers).hasValue(0);

        reloader.close();
        reloader = reloader(time);
        start(document("0s", "users"));
        watcher.close();
        assertThat(looks.begun).isZero();
    }

    @Test
    void lookThatBeginsAfterTheClose_readsNothing_andIsTheLast() throws IOException {
        Files.writeString(directory.resolve("balancing.json"), document("3s", "users"));
        List<Runnable> waiting = new ArrayList<>();
        file = directory.resolve("balancing.json");
        reloader.start(Files.readAllBytes(file));
        watcher = new ConfigFileWatcher(file, reloader, new Looks() {
            @Override
            public void execute(Runnable look) {
                waiting.add(look);
            }
        });
        time.advance(INTERVAL);
        Files.writeString(file, document("3s", "users", "orders"));
        watcher.close();

        waiting.get(0).run();
        time.advance(INTERVAL.multipliedBy(10));

        assertThat(pools()).containsExactly("users");
        assertThat(waiting).hasSize(1);
    }

    /** A timer that is due already cannot be cancelled. */
    @Test
    void timerThatIsDueAtTheClose_findsNoThread_andIsNoError() throws IOException {
        reloader.close();
        reloader = reloader((task, delay) -> {
            Cancellable unused = time.schedule(task, delay);
            return () -> {};
        });
        start(document("3s", "users"));
        watcher.close();
        time.advance(INTERVAL);

        assertThat(looks.begun).isZero();
    }

    @Test
    void threadThatIsEndedWithoutTheClose_isAnError() throws IOException {
        start(document("3s", "users"));
        looks.shutdown = true;

        assertThatThrownBy(() -> time.advance(INTERVAL)).isInstanceOf(RejectedExecutionException.class);
    }
}
