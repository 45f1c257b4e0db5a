package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;

/** Runs a watch through given rounds, on a clock of its own: a pause moves the clock and is over at once. */
final class WatchFixture extends HastyReceiver {
    static final Backend A = Backend.of("http://a:80");
    static final Backend B = Backend.of("http://b:80");

    final List<List<Backend>> lists = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    /** Those of the errors that leave the list in use. */
    final List<Throwable> ambient = new CopyOnWriteArrayList<>();

    final List<Duration> pauses = new CopyOnWriteArrayList<>();
    final AtomicLong nanos;

    WatchFixture() {
        this(new AtomicLong());
    }

    private WatchFixture(AtomicLong nanos) {
        super(nanos);
        this.nanos = nanos;
    }

    static InstanceList listing(Backend... backends) {
        return new InstanceList(List.of(backends), 0, "");
    }

    /** A round that finds a list and wants a pause of a second. */
    static RegistrySession finding(Backend... backends) {
        return watch -> {
            watch.found(listing(backends));
            return Duration.ofSeconds(1);
        };
    }

    /** Returns when the pause after the last round is over. */
    void run(RegistrySession... rounds) throws InterruptedException {
        Iterator<RegistrySession> script = List.of(rounds).iterator();
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        RegistryWatch watch = RegistryWatch.start(
                "source",
                this,
                new RegistryClient(new OkHttpClient()),
                new RegistryBackoff(Duration.ofSeconds(10), Duration.ofSeconds(40)),
                running -> {
                    if (script.hasNext()) {
                        return script.next().round(running);
                    }
                    done.countDown();
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Duration.ZERO;
                });
        try {
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            watch.close();
            closed.countDown();
        }
    }

    List<String> messages() {
        return errors.stream().map(Throwable::getMessage).toList();
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
    public void ambientError(Throwable cause) {
        ambient.add(cause);
        errors.add(cause);
    }

    @Override
    protected void paused(Duration delay) {
        pauses.add(delay);
    }
}
