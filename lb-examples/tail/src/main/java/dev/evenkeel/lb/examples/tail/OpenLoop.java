package dev.evenkeel.lb.examples.tail;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Makes calls at scheduled times, whether or not the ones before have ended. */
final class OpenLoop {

    /** Makes one call. */
    @FunctionalInterface
    interface Work {
        /** True if it succeeded. */
        boolean call();
    }

    /**
     * What happened to the calls that were scheduled within a span of time.
     *
     * @param from since the start
     * @param to since the start
     * @param latency in microseconds, from the scheduled start
     */
    record Window(Duration from, Duration to, Histogram latency) {
        Window(Duration from, Duration to) {
            this(from, to, new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3));
        }

        boolean holds(long nanos) {
            return nanos >= from.toNanos() && nanos < to.toNanos();
        }
    }

    /**
     * What it came to.
     *
     * @param calls made
     * @param failed of them
     * @param latest how late the schedule ran at worst: more than a few milliseconds spoil the figures
     */
    record Result(long calls, long failed, Duration latest) {}

    private OpenLoop() {}

    /**
     * Runs.
     *
     * @param perSecond mean rate of the Poisson arrivals
     * @param duration how long
     * @param seed of the arrivals
     * @param work makes one call
     * @param windows take the latencies
     */
    static Result run(double perSecond, Duration duration, long seed, Work work, Window... windows)
            throws InterruptedException {
        Random random = new Random(seed);
        AtomicLong failed = new AtomicLong();
        long calls = 0;
        long latestNanos = 0;
        ExecutorService callers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "caller");
            thread.setDaemon(true);
            return thread;
        });
        long start = System.nanoTime();
        double next = 0;
        while (next < duration.toNanos()) {
            next += -Math.log(1 - random.nextDouble()) / perSecond * 1e9;
            long offset = (long) next;
            for (long left = start + offset - System.nanoTime(); left > 0; left = start + offset - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            latestNanos = Math.max(latestNanos, System.nanoTime() - start - offset);
            calls++;
            callers.execute(() -> {
                if (!work.call()) {
                    failed.incrementAndGet();
                }
                long micros = Math.max(0, (System.nanoTime() - start - offset) / 1_000);
                for (Window window : windows) {
                    if (window.holds(offset)) {
                        window.latency()
                                .recordValue(Math.min(micros, window.latency().getHighestTrackableValue()));
                    }
                }
            });
        }
        callers.shutdown();
        if (!callers.awaitTermination(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException("calls did not end within two minutes");
        }
        return new Result(calls, failed.get(), Duration.ofNanos(latestNanos));
    }
}
