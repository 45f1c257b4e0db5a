package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.spi.Candidate;

/**
 * R of the cost: the ratio of a backend's median latency to the pool's.
 *
 * <p>A difference up to 5 % is noise and counts as none. A newcomer is average, never best. What is known is raised to a power
 * between 0 and 1, so that a slow backend is tried again:
 *
 * <ul>
 *   <li>A pool that hears of each backend several times a second weighs the evidence: after k samples the power is the cube
 *       root of k/(k + 1) at most, since one answer says little. Without a further sample it forgets exponentially: over 2 s
 *       where it hears of each backend every 0.1 s, and over 20 s from 0.25 s on. The more answers it has, the less it
 *       loses by trying a backend again, and the first answers of a process are slow everywhere. From eight samples on,
 *       a backend is remembered over at least 2 s + 30 times the usual gap between two of its own samples.
 *   <li>A pool that hears of each backend once a second or less has little more than one answer. It remembers nearly in
 *       full for a few seconds and next to nothing after ten ({@code exp(-(age / 5.5 s)²)}): by then the cause of one slow
 *       answer is mostly over. Of fewer than four answers it remembers for a shorter time.
 *   <li>In between, the two are mixed.
 * </ul>
 *
 * <p>A backend that is more than four times as slow counts for more than that, by a quarter of its ratio's square, in a pool
 * with many calls. When many calls come at once, as after a pause of the client, even sixteen in flight elsewhere are done
 * before the first call of a backend that is ten times as slow. For the same reason nothing has faded there before three is
 * left of the ratio, or more of a heavier backend's: any call then tries the backend, before many come at once.
 */
final class LatencyFactor {

    private static final double NOISE = 1.05;
    private static final double MIN = 0.25;
    private static final double MAX = 32;
    private static final double MAX_OF_FEW_CALLS = 8;
    /** Above this ratio a backend of a pool with many calls counts as slower than it is. */
    private static final double STEEP_FROM = 4;

    /**
     * From here down a ratio in a pool with many calls counts as what has faded, which has the backend tried. A heavier
     * backend is tried sooner, by its weight: lighter ones have no room for its share.
     */
    private static final double TRIED_FROM = 3;

    private static final double MIN_HORIZON_NANOS = 2e9;
    private static final double MAX_HORIZON_NANOS = 20e9;
    /** From so many samples on, a backend is remembered at least over {@link #HORIZON_GAPS} of its own gaps. */
    private static final int KNOWN_SAMPLES = 8;

    private static final double HORIZON_GAPS = 30;
    /** Up to this time between two samples of a backend, a pool has the minimum horizon. */
    private static final double MIN_HORIZON_GAP_NANOS = 0.1e9;

    /** From this time between two samples of a backend on, a pool has the maximum horizon. */
    private static final double MAX_HORIZON_GAP_NANOS = 0.25e9;

    private static final double FEW_CALLS_HORIZON_NANOS = 5.5e9;
    /** With so many samples, and one less, a pool with few calls remembers for the whole horizon. */
    private static final double FEW_CALLS_SAMPLES = 5;

    /** Up to this time between two samples of a backend, a pool has many calls. */
    private static final double MANY_CALLS_GAP_NANOS = 0.5e9;

    /** From this time between two samples of a backend on, a pool has few calls. */
    private static final double FEW_CALLS_GAP_NANOS = 1e9;

    /** A younger sample has faded by about 1 % at most: no power is calculated. */
    private static final long FRESH_NANOS = 200_000_000;

    /** So many samples are as good as any number: no power is calculated. */
    private static final int MANY_SAMPLES = 100;

    private LatencyFactor() {}

    /**
     * Returns the factor.
     *
     * @param figures of the pool
     * @param backends the number of backends that share the pool's calls
     * @param weightInverse the average weight divided by the candidate's
     */
    static double of(Candidate candidate, PoolFigures figures, int backends, float weightInverse, long nowNanos) {
        double ratio = ratio(candidate, figures);
        double faded = ratio;
        long ageNanos = nowNanos - candidate.latencySampleNanos();
        int samples = candidate.latencySamples();
        if (ratio != 1 && (ageNanos > FRESH_NANOS || samples < MANY_SAMPLES)) {
            faded = Math.pow(
                    ratio, power(samples, ageNanos, candidate.latencyGapNanos(), usualGapNanos(figures, backends)));
        }
        boolean isTried = faded * Math.min(1, weightInverse) <= TRIED_FROM;
        return counted(faded, isTried ? faded : ratio, fewCalls(figures, backends));
    }

    /** The factor as if the last sample were new. */
    static double unfaded(Candidate candidate, PoolFigures figures, int backends) {
        double ratio = ratio(candidate, figures);
        return counted(ratio, ratio, fewCalls(figures, backends));
    }

    /** The ratio of the medians; 1 if one is not known. */
    private static double ratio(Candidate candidate, PoolFigures figures) {
        double latencyNanos = candidate.latencyNanos();
        double poolLatencyNanos = figures.latencyNanos();
        return latencyNanos <= 0 || poolLatencyNanos <= 0 ? 1 : latencyNanos / poolLatencyNanos;
    }

    /** What is left of a ratio counts without noise and up to a bound; in a pool with many calls above 4 by its square. */
    private static double counted(double left, double leftInManyCalls, double fewCalls) {
        if (left <= NOISE) {
            return left < 1 / NOISE ? Math.max(MIN, left * NOISE) : 1;
        }
        double slower = leftInManyCalls / NOISE;
        double steep = slower <= STEEP_FROM ? slower : slower * slower / STEEP_FROM;
        return fewCalls * Math.min(MAX_OF_FEW_CALLS, left / NOISE) + (1 - fewCalls) * Math.min(MAX, steep);
    }

    /**
     * How much of what is known still counts.
     *
     * @param samples the number of the backend's samples
     * @param ageNanos the time since the last one
     * @param gapNanos the usual time between two samples of the backend
     * @param usualGapNanos the usual time between two samples of any backend of the pool
     * @return 0 to 1
     */
    static double power(int samples, long ageNanos, double gapNanos, double usualGapNanos) {
        double mix = fewCalls(usualGapNanos);
        double age = Math.max(0, ageNanos);
        double horizonNanos = horizonNanos(samples, gapNanos, usualGapNanos);
        // A reader may see the first latency before its count.
        double known = Math.max(1, samples);
        double inManyCalls = age / horizonNanos - Math.log(known / (known + 1)) / 3;
        double inFewCalls = age / (FEW_CALLS_HORIZON_NANOS * Math.min(1, (known + 1) / FEW_CALLS_SAMPLES));
        return Math.exp(-(1 - mix) * inManyCalls - mix * inFewCalls * inFewCalls);
    }

    /** How far a pool is one with few calls: 0 if it hears of each backend every 0.5 s or more often, 1 from 1 s on. */
    static double fewCalls(PoolFigures figures, int backends) {
        return fewCalls(usualGapNanos(figures, backends));
    }

    private static double fewCalls(double usualGapNanos) {
        return part(usualGapNanos, MANY_CALLS_GAP_NANOS, FEW_CALLS_GAP_NANOS);
    }

    /** The usual time between two samples of any backend of the pool. */
    private static double usualGapNanos(PoolFigures figures, int backends) {
        return backends * figures.latencyGapNanos();
    }

    /** Over how long a pool with many calls forgets. */
    private static double horizonNanos(int samples, double gapNanos, double usualGapNanos) {
        double longer = part(usualGapNanos, MIN_HORIZON_GAP_NANOS, MAX_HORIZON_GAP_NANOS);
        double ofPool = MIN_HORIZON_NANOS + longer * (MAX_HORIZON_NANOS - MIN_HORIZON_NANOS);
        return samples < KNOWN_SAMPLES
                ? ofPool
                : Math.max(ofPool, Math.min(MAX_HORIZON_NANOS, MIN_HORIZON_NANOS + HORIZON_GAPS * gapNanos));
    }

    /** How far a value is on its way, 0 to 1. */
    private static double part(double value, double from, double to) {
        return Math.max(0, Math.min(1, (value - from) / (to - from)));
    }
}
