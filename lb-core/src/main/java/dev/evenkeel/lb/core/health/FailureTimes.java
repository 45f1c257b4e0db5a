package dev.evenkeel.lb.core.health;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * When the last failures of one backend were, for {@link XdsOutlierDetector.Builder#failures}. Constant time, no lock. A
 * race of failures may leave it to the next failure to find that there are enough; it never finds too many.
 */
final class FailureTimes {
    private volatile @Nullable Ring ring;

    /**
     * Adds a failure.
     *
     * @param detection whose times these are: another one begins without history
     * @return whether this is the last of {@code count} failures within {@code windowNanos}; then they are forgotten
     */
    boolean add(Object detection, int count, long windowNanos, long nowNanos) {
        Ring times = ring;
        if (times == null || times.detection != detection || times.isClosed()) {
            times = new Ring(detection, count);
            ring = times;
        }
        return times.add(windowNanos, nowNanos);
    }

    /** Closed by the failure that completes it, so that no other thread's failure completes it once more. */
    private static final class Ring {
        private static final long CLOSED = Long.MIN_VALUE / 2;

        private final Object detection;
        private final AtomicLongArray times;
        private final AtomicLong added = new AtomicLong();

        Ring(Object detection, int count) {
            this.detection = detection;
            this.times = new AtomicLongArray(count);
        }

        boolean add(long windowNanos, long nowNanos) {
            int size = times.length();
            long number = added.getAndIncrement();
            if (number < 0) {
                return false;
            }
            times.set((int) (number % size), nowNanos);
            if (number < size - 1) {
                return false;
            }
            long first = times.get((int) ((number + 1) % size));
            // Half open: what an ejection as long as the window was for is too old at its end. A later failure may have
            // taken the place of the first one.
            return nowNanos - first < windowNanos && added.compareAndSet(number + 1, CLOSED);
        }

        boolean isClosed() {
            return added.get() < 0;
        }
    }
}
