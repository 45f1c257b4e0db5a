package dev.evenkeel.lb.examples.playground;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** How long the calls of the last few ticks took, and how many of the last one failed. Thread-safe. */
final class Latencies {
    private static final int TICKS = 6;

    /**
     * What they come to.
     *
     * @param ended calls that ended since the last tick
     * @param failed of them
     * @param p50 milliseconds, over six ticks; null without a call
     * @param p99 likewise
     */
    record Summary(
            int ended,
            int failed,
            @Nullable Double p50,
            @Nullable Double p99) {}

    private final Deque<long[]> ticks = new ArrayDeque<>();
    private long[] current = new long[64];
    private int ended;
    private int failed;

    synchronized void add(long nanos, boolean hasFailed) {
        if (ended == current.length) {
            current = Arrays.copyOf(current, 2 * ended);
        }
        current[ended++] = nanos;
        if (hasFailed) {
            failed++;
        }
    }

    /** Begins another tick. */
    synchronized Summary tick() {
        ticks.addLast(Arrays.copyOf(current, ended));
        if (ticks.size() > TICKS) {
            ticks.removeFirst();
        }
        long[] all = ticks.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        Summary summary = new Summary(ended, failed, quantile(all, 0.5), quantile(all, 0.99));
        ended = 0;
        failed = 0;
        return summary;
    }

    private static @Nullable Double quantile(long[] sorted, double share) {
        if (sorted.length == 0) {
            return null;
        }
        int index = (int) Math.ceil(share * sorted.length) - 1;
        return Math.round(sorted[Math.max(0, index)] / 1e4) / 100.0;
    }
}
