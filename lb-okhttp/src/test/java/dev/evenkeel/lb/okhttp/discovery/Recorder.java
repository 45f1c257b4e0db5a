package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Takes what a source says, in order, where a pool would. */
final class Recorder implements BackendDiscovery.Receiver, AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(60);

    final List<List<Backend>> lists = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Random random;
    private BackendDiscovery.Watch watch = () -> {};

    Recorder(long seed) {
        random = new Random(seed);
    }

    static Recorder of(BackendDiscovery source) {
        return new Recorder(1).follow(source);
    }

    Recorder follow(BackendDiscovery source) {
        watch = source.start(this);
        return this;
    }

    /** The last list, once there is one. */
    List<Backend> list() {
        if (lists.isEmpty()) {
            await().atMost(LONG).until(() -> !lists.isEmpty());
        }
        return lists.get(lists.size() - 1);
    }

    void awaitIds(String... ids) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(
                                lists.isEmpty()
                                        ? null
                                        : lists.get(lists.size() - 1).stream()
                                                .map(Backend::id)
                                                .toList())
                        .isEqualTo(List.of(ids)));
    }

    String awaitError() {
        await().atMost(LONG).until(() -> !errors.isEmpty());
        return String.valueOf(errors.get(errors.size() - 1).getMessage());
    }

    @Override
    public void backends(List<Backend> backends) {
        lists.add(backends);
    }

    @Override
    public void error(Throwable cause) {
        errors.add(cause);
    }

    @Override
    public Scheduler scheduler() {
        return (task, delay) -> {
            ScheduledFuture<?> future = timers.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
    }

    @Override
    public TimeSource timeSource() {
        return TimeSource.system();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public Executor executor() {
        return timers;
    }

    @Override
    public void close() {
        watch.close();
        timers.shutdownNow();
    }
}
