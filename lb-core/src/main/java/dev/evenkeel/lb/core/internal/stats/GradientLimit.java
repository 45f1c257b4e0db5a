package dev.evenkeel.lb.core.internal.stats;

import dev.evenkeel.lb.Outcome;

/**
 * A limit on calls in flight that goes by their latency, after the gradient controller of Envoy's adaptive concurrency filter
 * (its documentation, "Gradient Controller"), which is of the family of Netflix's {@code concurrency-limits}.
 *
 * <p>Any thread may {@link #completed add} what a call taught; one thread at a time {@linkplain #move moves} the limit.
 */
public final class GradientLimit {
    /** Fewer say too little. */
    private static final int MIN_ANSWERS = 10;

    private static final double STEEPEST = 0.5;
    private static final double AFTER_DROPS = 0.9;
    private static final int DROPS_PER_ANSWERS = 20;
    /** From one measurement of the latency without load to the next. */
    private static final int WINDOWS_BETWEEN_PROBES = 40;
    /** To the first, and after one that found something new: it may have been under load. */
    private static final int WINDOWS_BEFORE_NEXT_PROBE = 5;
    /** In the first, calls end that were begun before. */
    private static final int PROBE_WINDOWS = 2;

    private final int least;
    private final int most;
    private final double tolerance;
    private final LatencyWindow window;

    private double limit;
    private double unloadedNanos;
    private int untilProbe = WINDOWS_BEFORE_NEXT_PROBE;
    /** How many windows of a probe are left; 0 if there is none. */
    private int probing;

    private volatile int current;

    /**
     * A limit that knows nothing yet.
     *
     * @param least at least 1
     * @param initial to begin with
     * @param most the largest
     * @param tolerance how many times the latency without load is still good, above 1
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
     * The same limit under other rules: it keeps what it has learnt and its level, or takes the nearest one that the range has.
     * To be called by the thread that moves it, which moves the one that is returned from then on.
     *
     * @param newLeast at least 1
     * @param newMost the largest
     * @param newTolerance above 1
     * @return this if the rules are the same
     */
    public GradientLimit within(int newLeast, int newMost, double newTolerance) {
        boolean same = newLeast == least && newMost == most && newTolerance == tolerance;
        return same ? this : new GradientLimit(newLeast, newMost, newTolerance, this);
    }

    /**
     * Takes what a call taught.
     *
     * @param outcome how it ended
     * @param latencyNanos the time to its answer
     * @param inFlight how many there were, this one included
     */
    public void completed(Outcome outcome, long latencyNanos, int inFlight) {
        window.add(outcome, latencyNanos, inFlight);
    }

    /**
     * The limit.
     *
     * @return within the range
     */
    public int current() {
        return current;
    }

    /**
     * Ends a window.
     *
     * @param spread 0.75 to 1.25, by chance: clients must not all measure together
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
                // What was far from unloaded may be so still, and so may this.
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
        // Without demand there is nothing to learn about what more would do.
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
