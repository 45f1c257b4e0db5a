package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.Outcome;

/**
 * Adaptive limit on calls in flight that follows their latency, after the gradient controller of Envoy's adaptive
 * concurrency filter (its documentation, "Gradient Controller"), which is related to Netflix's
 * {@code concurrency-limits}.
 *
 * <p>Any thread may {@link #completed record} a call; one thread at a time {@linkplain #move moves} the limit.
 */
public final class GradientLimit {
    /** A window with fewer responses is not evaluated. */
    private static final int MIN_ANSWERS = 10;

    private static final double STEEPEST = 0.5;
    private static final double AFTER_DROPS = 0.9;
    private static final int DROPS_PER_ANSWERS = 20;
    /** Windows between two measurements of the latency without load. */
    private static final int WINDOWS_BETWEEN_PROBES = 40;
    /**
     * Windows before the first measurement, and after one that differed from the last: it may have been made under
     * load.
     */
    private static final int WINDOWS_BEFORE_NEXT_PROBE = 5;
    /** A measurement takes two windows: in the first one, calls end that began before. */
    private static final int PROBE_WINDOWS = 2;

    private final int least;
    private final int most;
    private final double tolerance;
    private final LatencyWindow window;

    private double limit;
    private double unloadedNanos;
    private int untilProbe = WINDOWS_BEFORE_NEXT_PROBE;
    /** The remaining windows of a measurement; 0 if there is none under way. */
    private int probing;

    private volatile int current;

    /**
     * Creates a limit without samples.
     *
     * @param least the minimum, at least 1
     * @param initial the initial limit
     * @param most the maximum
     * @param tolerance the acceptable multiple of the latency without load, above 1
     */
    public GradientLimit(int least, int initial, int most, double tolerance) {
        this.least = least;
        this.most = most;
        this.tolerance = tolerance;
        this.window = new LatencyWindow();
        this.limit = initial;
        this.current = initial;
    }

    private GradientLimit(int least, int most, double tolerance, GradientLimit before) {
        this.least = least;
        this.most = most;
        this.tolerance = tolerance;
        this.window = before.window;
        this.limit = Math.max(least, Math.min(most, before.limit));
        this.unloadedNanos = before.unloadedNanos;
        this.untilProbe = before.untilProbe;
        this.probing = before.probing;
        boolean unused = publish();
    }

    /**
     * The same limit with other settings. It keeps its samples and its value, moved into the new range if necessary.
     * Must be called by the thread that moves the limit, which then moves the returned one.
     *
     * @param newLeast the minimum, at least 1
     * @param newMost the maximum
     * @param newTolerance above 1
     * @return this if the settings are the same
     */
    public GradientLimit within(int newLeast, int newMost, double newTolerance) {
        boolean same = newLeast == least && newMost == most && newTolerance == tolerance;
        return same ? this : new GradientLimit(newLeast, newMost, newTolerance, this);
    }

    /**
     * Records a call.
     *
     * @param outcome how it ended
     * @param latencyNanos the time to its response
     * @param inFlight the calls in flight, including this one
     */
    public void completed(Outcome outcome, long latencyNanos, int inFlight) {
        window.add(outcome, latencyNanos, inFlight);
    }

    /**
     * The current limit.
     *
     * @return within the range
     */
    public int current() {
        return current;
    }

    /**
     * Ends a window.
     *
     * @param spread 0.75 to 1.25, at random: clients must not all measure at the same time
     * @return true if the limit has changed
     */
    public boolean move(double spread) {
        int answers = window.answers();
        int drops = window.drops();
        if (answers + drops < MIN_ANSWERS) {
            return false;
        }
        if (drops * DROPS_PER_ANSWERS >= answers + drops) {
            limit = Math.max(least, limit * AFTER_DROPS);
        } else {
            move((double) window.medianNanos(), window.mostInFlight(), spread);
        }
        window.clear();
        return publish();
    }

    private void move(double latencyNanos, int mostInFlight, double spread) {
        if (probing > 0) {
            probing--;
            if (probing == 0) {
                // If the previous value was far from unloaded, this one may be so, too.
                double change = Math.abs(latencyNanos / unloadedNanos - 1);
                boolean news = change > (tolerance - 1) / 2;
                unloadedNanos = latencyNanos;
                untilProbe = news ? WINDOWS_BEFORE_NEXT_PROBE : (int) (WINDOWS_BETWEEN_PROBES * spread);
            }
            return;
        }
        unloadedNanos = unloadedNanos == 0 ? latencyNanos : Math.min(unloadedNanos, latencyNanos);
        double gradient = Math.max(STEEPEST, Math.min(1, tolerance * unloadedNanos / latencyNanos));
        double next = limit * gradient + Math.sqrt(limit);
        // Without demand there is no sign of what a higher limit would do.
        boolean felt = mostInFlight >= limit / 2;
        limit = Math.max(least, Math.min(most, felt ? next : Math.min(limit, next)));
        untilProbe--;
        if (untilProbe <= 0) {
            probing = PROBE_WINDOWS;
        }
    }

    private boolean publish() {
        int next = (int) (probing > 0 ? Math.max(least, limit / 2) : limit);
        boolean changed = next != current;
        current = next;
        return changed;
    }
}
