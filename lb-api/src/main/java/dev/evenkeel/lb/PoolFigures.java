package dev.evenkeel.lb;

/** Live statistics over all backends of a pool. Thread-safe, without locks or allocation. */
public interface PoolFigures {
    /** Statistics without a sample. */
    PoolFigures NONE = new PoolFigures() {
        @Override
        public double latencyNanos() {
            return 0;
        }

        @Override
        public double latencyP95Nanos() {
            return 0;
        }

        @Override
        public double calmness() {
            return 1;
        }

        @Override
        public String toString() {
            return "PoolFigures.NONE";
        }
    };

    /**
     * A running median of the time to a response, over about the last 10 s.
     *
     * @return nanoseconds; 0 without a sample
     */
    double latencyNanos();

    /**
     * A running 95th percentile of the time to a response.
     *
     * @return nanoseconds; 0 without a sample
     */
    double latencyP95Nanos();

    /**
     * The usual time between two samples of {@link #latencyNanos}: a moving average of about the last 20 gaps.
     *
     * @return nanoseconds; 0 until there are two samples, and by default
     */
    default double latencyGapNanos() {
        return 0;
    }

    /**
     * The ratio of the pool's latency over the last two minutes to that of the last second, at most 1. It is below 1
     * when the whole pool is slower than usual: then the failures of one backend say less about that backend.
     *
     * @return greater than 0, at most 1; 1 without samples
     */
    double calmness();

    /**
     * The number of requests in the pool's queue.
     *
     * @return at least 0; 0 for a pool without a queue
     */
    default int queued() {
        return 0;
    }

    /**
     * The time since discovery last delivered a usable list.
     *
     * @return nanoseconds; -1 if it never has, or there is none
     */
    default long discoveryAgeNanos() {
        return -1;
    }

    /**
     * Whether discovery fails: its last word was an error, or a list that cannot be used. The last good list is in use.
     * A list some entries of which are left out is no failure.
     *
     * @return false without discovery
     */
    default boolean discoveryFails() {
        return false;
    }

    /**
     * How often the application's own code has thrown so far: listeners, observers of attempts, strategies, outlier
     * detectors, and sources that hear of backends that are out. What it throws, an {@link Error} included, is logged
     * (at a bounded rate) and does not disturb the pool. A check that throws has failed, and is not counted here.
     *
     * @return 0 for statistics of a test
     */
    default long faults() {
        return 0;
    }
}
