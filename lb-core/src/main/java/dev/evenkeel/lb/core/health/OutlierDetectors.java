package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.spi.OutlierDetector;

/** The outlier detectors that come with Evenkeel. */
public final class OutlierDetectors {

    private OutlierDetectors() {}

    /**
     * Ejects a backend that fails while the others do not: 3 failures in a row (a refused connection counts 2), half of at
     * least 8 calls, or at least 10 % of at least 20 and clearly above the others; never while the others fail 30 % or
     * more, or at least half as often.
     *
     * @return the default detector
     */
    public static OutlierDetector relative() {
        return RelativeOutlierDetector.INSTANCE;
    }

    /**
     * Ejects nothing.
     *
     * @return a detector that never proposes anything
     */
    public static OutlierDetector none() {
        return timeSource -> (candidate, outcome, latencyNanos, nowNanos, peers) -> null;
    }
}
