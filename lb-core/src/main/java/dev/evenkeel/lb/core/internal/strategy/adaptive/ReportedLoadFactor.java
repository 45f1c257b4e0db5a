package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;

/**
 * What the requests in flight that a backend reports do to the cost, given their ratio to the median of the pool's
 * reports:
 *
 * <ul>
 *   <li>above the median, {@link QueueAgeFactor A} is at least the square root of the ratio;
 *   <li>up to 1.25 times the median, a bad latency from before counts as the pool's: {@link LatencyFactor R} is at most 1.
 * </ul>
 *
 * <p>Both are raised to a power: 1 for the first second after a report, falling to 0 over the next, and only as far as the
 * pool {@linkplain LatencyFactor#fewCalls has few calls}. A pool that hears of a backend more often knows more by its own
 * calls. The rule is Prequal's (NSDI 2024) with its probes as one more term of a cost; RATIONALE.md has the figures.
 */
final class ReportedLoadFactor {

    /** The largest ratio that counts: a false report costs a backend no more than 32 times. */
    static final float MAX_RATIO = 1_024;

    /** Up to this ratio a backend is as busy as the pool. */
    private static final float USUAL_RATIO = 1.25f;

    private static final int FULL_TICKS = CoarseClock.ofMillis(1_000);
    static final int GONE_TICKS = CoarseClock.ofMillis(2_000);

    private ReportedLoadFactor() {}

    /**
     * The ratio of a backend's requests in flight to what the median makes of its weight. A share of less than one request
     * counts as one, since the single request of an idle pool says nothing.
     *
     * @param inFlight what the backend reports, 0 or more
     * @param usual the median of the pool's reports for a backend of this weight
     */
    static float ratio(double inFlight, double usual) {
        return (float) Math.min(MAX_RATIO, inFlight / Math.max(1, usual));
    }

    /**
     * How much a report still counts.
     *
     * @param ageTicks since it came; a negative age, because of a race, counts as long ago
     * @param fewCalls how far the pool has few calls, 0 to 1
     * @return 0 to 1
     */
    static double power(int ageTicks, double fewCalls) {
        if (Integer.compareUnsigned(ageTicks, GONE_TICKS) >= 0) {
            return 0;
        }
        double left = ageTicks <= FULL_TICKS ? 1 : (double) (GONE_TICKS - ageTicks) / (GONE_TICKS - FULL_TICKS);
        return left * fewCalls;
    }

    /** A of the cost; as it was where the ratio is not known, which is NaN. */
    static double age(double age, float ratio, double power) {
        return ratio > 1 ? Math.max(age, Math.pow(ratio, power / 2)) : age;
    }

    /** R of the cost; as it was where the ratio is not known, which is NaN. */
    static double latency(double latency, float ratio, double power) {
        return latency > 1 && ratio <= USUAL_RATIO ? Math.pow(latency, 1 - power) : latency;
    }
}
