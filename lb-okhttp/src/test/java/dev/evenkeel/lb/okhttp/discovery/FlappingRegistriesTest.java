package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.UnconnectedSocketFactory;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One entry that changes 50 times a second for three seconds, by the pool's clock: at most ten lists a second, a line of
 * log, and the state of the registry at the end.
 */
@Timeout(300)
class FlappingRegistriesTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration MIN_INTERVAL = Duration.ofMillis(100);
    private static final int CHANGES = 150;
    private static final List<Entry> THREE = Entry.many(3);

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger lists = new AtomicInteger();
    private int minLists = 5;
    private int linesBeforeTheClose;
    private final CountingSockets sockets = new CountingSockets();
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                lines.add(line.getLevel() + " " + line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        Logger.getLogger("dev.evenkeel.lb").addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        Logger.getLogger("dev.evenkeel.lb").removeHandler(handler);
    }

    @ParameterizedTest
    @MethodSource("dev.evenkeel.lb.okhttp.discovery.RegistriesTest#registries")
    void entryThatComesAndGoes_isTenListsASecond_andNoLineOfLog(Callable<FakeRegistry> factory) throws Exception {
        flap(factory, Entry.many(2), Entry.many(4));

        assertThat(lines).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.evenkeel.lb.okhttp.discovery.RegistriesTest#registries")
    void entryThatIsGoodAndBadByTurns_isTenListsASecond_andALineOfLog(Callable<FakeRegistry> factory) throws Exception {
        List<Entry> bad = new ArrayList<>(THREE);
        bad.add(Entry.of(7).port(70_000));
        List<String> errors = flap(factory, bad, Entry.many(4));

        assertThat(errors).singleElement().asString().contains("1 of 4 entries are left out");
        assertThat(lines).singleElement().asString().startsWith("WARNING");
    }

    @ParameterizedTest
    @MethodSource("dev.evenkeel.lb.okhttp.discovery.RegistriesTest#registries")
    void entryThatIsBadAndGoneByTurns_isOneErrorAndALineOfLog(Callable<FakeRegistry> factory) throws Exception {
        List<Entry> bad = new ArrayList<>(THREE);
        bad.add(Entry.of(7).weight(-1));
        minLists = 0;
        List<String> errors = flap(factory, bad, THREE);

        assertThat(errors).singleElement().asString().contains("1 of 4 entries are left out");
        assertThat(lines).singleElement().asString().startsWith("WARNING");
    }

    @ParameterizedTest
    @MethodSource("dev.evenkeel.lb.okhttp.discovery.RegistriesTest#registries")
    void onlyEntry_thatComesAndGoes_isTenListsASecond_andALineOfLog(Callable<FakeRegistry> factory) throws Exception {
        flap(factory, List.of(), Entry.many(1));

        assertThat(lines.stream().limit(linesBeforeTheClose))
                .singleElement()
                .asString()
                .startsWith("WARNING");
        assertThat(lines).as("the close says the state").hasSizeLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.evenkeel.lb.okhttp.discovery.RegistriesTest#registries")
    void onlyEntry_thatIsGoodAndBadByTurns_isOneErrorAndALineOfLog(Callable<FakeRegistry> factory) throws Exception {
        minLists = 0;
        List<String> errors = flap(factory, List.of(Entry.of(1).port(0)), Entry.many(1));

        assertThat(errors).hasSizeBetween(1, 2);
        assertThat(lines.stream().limit(linesBeforeTheClose))
                .singleElement()
                .asString()
                .startsWith("WARNING");
    }

    /** Returns the errors of the pool. */
    private List<String> flap(Callable<FakeRegistry> factory, List<Entry> one, List<Entry> other) throws Exception {
        OkHttpClient client = new OkHttpClient.Builder().socketFactory(sockets).build();
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            BackendDiscovery source = registry.source(client);
            try (Following following = new Following(receiver -> source.start(new Counting(receiver)), time)) {
                following.awaitList(THREE);
                long startNanos = time.nanoTime();
                for (int i = 0; i < CHANGES; i++) {
                    long before = sockets.bytes.get();
                    registry.set(i % 2 == 0 ? one : other);
                    time.advance(TICK);
                    // Some sources ask again only after a pause, which the clock must end.
                    awaitWhileTimeGoesOn(() -> sockets.bytes.get() > before);
                }
                registry.set(THREE);
                awaitWhileTimeGoesOn(() -> following.list().equals(briefly(THREE)));
                long passed = (time.nanoTime() - startNanos) / MIN_INTERVAL.toNanos();

                assertThat(lists.get()).isBetween(minLists, (int) passed + 2);
                linesBeforeTheClose = lines.size();
                return following.errors();
            }
        }
    }

    private void awaitWhileTimeGoesOn(Callable<Boolean> condition) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(LONG)
                .until(() -> {
                    boolean met = condition.call();
                    if (!met) {
                        time.advance(Duration.ofMillis(1));
                    }
                    return met;
                });
    }

    private static List<String> briefly(List<Entry> entries) {
        return entries.stream().map(Entry::brief).sorted().toList();
    }

    /** Counts the lists that a pool gets. */
    private final class Counting implements BackendDiscovery.Receiver {
        private final BackendDiscovery.Receiver pool;

        Counting(BackendDiscovery.Receiver pool) {
            this.pool = pool;
        }

        @Override
        public void backends(List<Backend> backends) {
            lists.incrementAndGet();
            pool.backends(backends);
        }

        @Override
        public void error(Throwable cause) {
            pool.error(cause);
        }

        @Override
        public void ambientError(Throwable cause) {
            pool.ambientError(cause);
        }

        @Override
        public Scheduler scheduler() {
            return pool.scheduler();
        }

        @Override
        public TimeSource timeSource() {
            return pool.timeSource();
        }

        @Override
        public RandomGenerator random() {
            return pool.random();
        }

        @Override
        public Executor executor() {
            return pool.executor();
        }
    }

    /** Counts the bytes that a client reads. */
    private static final class CountingSockets extends UnconnectedSocketFactory {
        private final AtomicLong bytes = new AtomicLong();

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public InputStream getInputStream() throws IOException {
                    return new FilterInputStream(super.getInputStream()) {
                        @Override
                        public int read(byte[] into, int offset, int count) throws IOException {
                            int read = super.read(into, offset, count);
                            bytes.addAndGet(Math.max(0, read));
                            return read;
                        }
                    };
                }
            };
        }
    }
}
