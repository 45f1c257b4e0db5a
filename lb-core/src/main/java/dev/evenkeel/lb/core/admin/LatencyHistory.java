package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolSnapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The latency of each backend over the last {@value #SECONDS} seconds. Each request of the page is a sample, at most
 * one in two seconds, so that nothing runs while the page is not requested. A backend that has left is forgotten with
 * the next sample.
 *
 * <p>Thread-safe. Keeps 180 B for each backend.
 */
final class LatencyHistory {
    static final int SECONDS = 90;

    private static final int SAMPLES = SECONDS / 2;
    private static final long SPAN_MILLIS = Duration.ofSeconds(SECONDS).toMillis();
    /** A little less than the interval of the page's script. */
    private static final long MIN_GAP_MILLIS = 1_900;

    private static final float[] NONE = none();

    private record BackendKey(String pool, String backend) {}

    private final long[] atMillis = new long[SAMPLES];
    private final Map<BackendKey, float[]> millis = new HashMap<>();
    private int samples;

    /** Takes a sample if one is due. */
    synchronized void look(long nowMillis, Collection<PoolSnapshot> pools) {
        if (samples > 0 && nowMillis - atMillis[(samples - 1) % SAMPLES] < MIN_GAP_MILLIS) {
            return;
        }
        int slot = samples++ % SAMPLES;
        atMillis[slot] = nowMillis;
        Set<BackendKey> seen = new HashSet<>();
        for (PoolSnapshot pool : pools) {
            for (BackendStatus status : pool.backends()) {
                BackendKey key = new BackendKey(pool.pool(), status.backend().id());
                seen.add(key);
                millis.computeIfAbsent(key, unknown -> none())[slot] = latency(status);
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

    /**
     * Appends the history of a backend: a polyline of 90 by 22, a text for screen readers, and as {@code data-course}
     * the samples, time in milliseconds since the epoch and milliseconds of latency, separated by a colon.
     */
    synchronized void append(StringBuilder html, String pool, String backend, long nowMillis) {
        float[] known = millis.getOrDefault(new BackendKey(pool, backend), NONE);
        double most = Double.NaN;
        for (int i = Math.max(0, samples - SAMPLES); i < samples; i++) {
            if (isShown(known, i % SAMPLES, nowMillis)) {
                most = Double.isNaN(most) ? known[i % SAMPLES] : Math.max(most, known[i % SAMPLES]);
            }
        }
        html.append("<svg class=\"spark\" viewBox=\"0 0 90 22\" role=\"img\" aria-label=\"latency");
        if (!Double.isNaN(most)) {
            html.append(" over the last ").append(SECONDS).append(" s, highest ");
            Decimals.hundredths(html, most).append(" ms");
        }
        html.append("\" data-course=\"");
        samples(html, known, nowMillis);
        html.append("\"><polyline points=\"");
        points(html, known, most, nowMillis);
        html.append("\"/></svg>");
    }

    private void samples(StringBuilder html, float[] known, long nowMillis) {
        String space = "";
        for (int i = Math.max(0, samples - SAMPLES); i < samples; i++) {
            int slot = i % SAMPLES;
            if (isShown(known, slot, nowMillis)) {
                Decimals.hundredths(html.append(space).append(atMillis[slot]).append(':'), known[slot]);
                space = " ";
            }
        }
    }

    private void points(StringBuilder html, float[] known, double most, long nowMillis) {
        String space = "";
        for (int i = Math.max(0, samples - SAMPLES); i < samples; i++) {
            int slot = i % SAMPLES;
            if (isShown(known, slot, nowMillis)) {
                double x = 90.0 * (SPAN_MILLIS - (nowMillis - atMillis[slot])) / SPAN_MILLIS;
                double y = 20 - 18 * known[slot] / Math.max(most, 1e-9);
                Decimals.tenths(Decimals.tenths(html.append(space), x).append(','), y);
                space = " ";
            }
        }
    }

    private boolean isShown(float[] known, int slot, long nowMillis) {
        return !Float.isNaN(known[slot]) && nowMillis - atMillis[slot] <= SPAN_MILLIS;
    }
}
