package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The latest report of requests in flight, divided by the backend's weight, of each of the 31 backends of a pool that
 * reported last. Each backend has one entry, so that in a pool of two the median is not that of the backend that was
 * polled more often.
 *
 * <p>Threads write it without a lock. An entry is immutable; of two that race one may be lost.
 */
final class RecentLoads {

    private static final int SIZE = 31;
    /** A report that counts for nothing any more is none that another one is compared with. */
    private static final int MAX_TICKS = ReportedLoadFactor.GONE_TICKS;

    private final @Nullable Entry[] entries = new @Nullable Entry[SIZE];

    /** A report. With the id alone: a backend that has left the pool is not kept for it. */
    private record Entry(String backend, float load, int tick) {
        boolean isRecent(int nowTick) {
            return !CoarseClock.passed(tick, nowTick, MAX_TICKS);
        }
    }

    void add(String backend, double load, int tick) {
        int place = 0;
        int oldest = 0;
        for (int i = 0; i < SIZE; i++) {
            Entry entry = entries[i];
            if (entry == null || entry.backend.equals(backend)) {
                place = i;
                break;
            }
            int age = tick - entry.tick;
            if (age > oldest) {
                oldest = age;
                place = i;
            }
        }
        entries[place] = new Entry(backend, (float) load, tick);
    }

    /** The median of the reports of the last two seconds; the lower one of two. 0 without a report. */
    double median(int tick) {
        float[] loads = new float[SIZE];
        int known = 0;
        for (Entry entry : entries) {
            if (entry != null && entry.isRecent(tick)) {
                loads[known++] = entry.load;
            }
        }
        if (known == 0) {
            return 0;
        }
        Arrays.sort(loads, 0, known);
        return loads[(known - 1) / 2];
    }
}
