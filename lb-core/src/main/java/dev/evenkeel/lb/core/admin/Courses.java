package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolSnapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The latency of each backend over the last {@value #SECONDS} seconds, as far as somebody has looked: each look is a sample, at most
 * one in two seconds, so that nothing runs while nobody looks. A backend that has left is forgotten with the next sample.
 *
 * <p>Thread-safe. Keeps 180 B for each backend.
 */
final class Courses {
    static final int SECONDS = 90;

    private static final int SAMPLES = SECONDS / 2;
    private static final long SPAN_MILLIS = Duration.ofSeconds(SECONDS).toMillis();
    /** A little less than the page's script waits. */
    private static final long LEAST_GAP_MILLIS = 1_900;

    private record Place(String pool, String backend) {}

    /**
     * What is drawn.
     *
     * @param points of the polyline, 90 by 22
     * @param samples time in milliseconds since the epoch, and milliseconds of latency, by a colon
     * @param most the highest latency in milliseconds
     */
    record Course(String points, String samples, double most) {
        /** What is read out. */
        String label() {
            return points.isEmpty()
                    ? "latency"
                    : String.format(Locale.ROOT, "latency over the last %d s, highest %.2f ms", SECONDS, most);
        }
    }

    private final long[] atMillis = new long[SAMPLES];
    private final Map<Place, float[]> millis = new HashMap<>();
    private int samples;

    /** Takes a sample, if it is time for one. */
    synchronized void look(long nowMillis, Collection<PoolSnapshot> pools) {
        if (samples > 0 && nowMillis - atMillis[(samples - 1) % SAMPLES] < LEAST_GAP_MILLIS) {
            return;
        }
        int slot = samples++ % SAMPLES;
        atMillis[slot] = nowMillis;
        Set<Place> seen = new HashSet<>();
        for (PoolSnapshot pool : pools) {
            for (BackendStatus status : pool.backends()) {
                Place place = new Place(pool.pool(), status.backend().id());
                seen.add(place);
                millis.computeIfAbsent(place, unknown -> none())[slot] = latency(status);
            }
        }
        millis.keySet().retainAll(seen);
    }

    private static float[] none() {
        float[] none = new float[SAMPLES];
        Arrays.fill(none, Float.NaN);
        return none;
    }

    private static float latency(BackendStatus status) {
        Duration latency = status.latency();
        return latency == null ? Float.NaN : (float) (latency.toNanos() / 1e6);
    }

    /** What is known of a backend. */
    synchronized Course of(String pool, String backend, long nowMillis) {
        float[] known = millis.getOrDefault(new Place(pool, backend), none());
        double most = 0;
        for (int i = Math.max(0, samples - SAMPLES); i < samples; i++) {
            if (isShown(known, i % SAMPLES, nowMillis)) {
                most = Math.max(most, known[i % SAMPLES]);
            }
        }
        StringBuilder points = new StringBuilder();
        StringBuilder raw = new StringBuilder();
        for (int i = Math.max(0, samples - SAMPLES); i < samples; i++) {
            int slot = i % SAMPLES;
            if (isShown(known, slot, nowMillis)) {
                double x = 90.0 * (SPAN_MILLIS - (nowMillis - atMillis[slot])) / SPAN_MILLIS;
                double y = 20 - 18 * known[slot] / Math.max(most, 1e-9);
                String space = points.isEmpty() ? "" : " ";
                Decimals.tenths(Decimals.tenths(points.append(space), x).append(','), y);
                Decimals.hundredths(raw.append(space).append(atMillis[slot]).append(':'), known[slot]);
            }
        }
        return new Course(points.toString(), raw.toString(), most);
    }

    private boolean isShown(float[] known, int slot, long nowMillis) {
        return !Float.isNaN(known[slot]) && nowMillis - atMillis[slot] <= SPAN_MILLIS;
    }
}
