package dev.evenkeel.lb;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Live statistics over all backends of a pool. Thread-safe; all but {@link #backends} without locks or allocation. */
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
     * The present fault of discovery.
     *
     * @return the message of the error that {@link #discoveryFails}; null if discovery works, or there is none
     */
    default @Nullable String discoveryFault() {
        return null;
    }

    /**
     * Where the list of backends comes from.
     *
     * @return what the source says of itself, such as {@code Consul service users}; null without discovery, and for a
     *     source that says nothing
     */
    default @Nullable String discoverySource() {
        return null;
    }

    /**
     * The last error of discovery, also if it works again, or one that leaves the list in use.
     *
     * @return its message and age; null without one
     */
    default @Nullable ErrorFigures discoveryError() {
        return null;
    }

    /**
     * Whether the pool has active checks.
     *
     * @return false by default
     */
    default boolean hasChecks() {
        return false;
    }

    /**
     * The time since the pool's settings last changed.
     *
     * @return nanoseconds; -1 if they have not, and by default
     */
    default long reloadAgeNanos() {
        return -1;
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

    /**
     * Figures for operators of each backend by its id, which add to its {@link BackendStatus}. Takes the pool's lock once,
     * and costs time in proportion to the number of backends: for pages and reports, not for the call path.
     *
     * @return empty by default
     */
    default Map<String, BackendFigures> backends() {
        return Map.of();
    }

    /**
     * Figures of one backend at one moment.
     *
     * @param stateFor how long its health, its breaker, its ejection or its admin state has been as it is: of the one that
     *     keeps it out, or the time since the last of them changed if it is in use; null if none has changed, or if
     *     something else keeps it out
     * @param limit the maximum of calls in flight in force; 0 without a limit
     * @param retries how many of its calls were retries
     * @param latencyP99 a running 99th percentile of the time to a response; null without a sample
     * @param weight who set its weight
     * @param ejections how often it was ejected
     * @param breakerOpenings how often its breaker opened
     * @param lastCheck the last result of its active checks; null without one
     */
    record BackendFigures(
            @Nullable Duration stateFor,
            int limit,
            long retries,
            @Nullable Duration latencyP99,
            WeightFigures weight,
            IncidentFigures ejections,
            IncidentFigures breakerOpenings,
            @Nullable CheckFigures lastCheck) {
        /** Of a backend of which nothing is known. */
        public static final BackendFigures NONE = new BackendFigures(
                null, 0, 0, null, WeightFigures.CONFIGURED, IncidentFigures.NONE, IncidentFigures.NONE, null);
    }

    /**
     * Who set the weight of a backend.
     *
     * @param setBy who set the weight in its description: {@link WeightSource#CONFIGURATION},
     *     {@link WeightSource#REGISTRY} or {@link WeightSource#OPERATOR}
     * @param changedBy what makes the effective weight differ from it; empty if nothing does
     */
    record WeightFigures(WeightSource setBy, Set<WeightSource> changedBy) {
        /** As configured. */
        public static final WeightFigures CONFIGURED = new WeightFigures(WeightSource.CONFIGURATION, Set.of());

        public WeightFigures {
            changedBy = Set.copyOf(changedBy);
        }
    }

    /** What determines a weight. */
    enum WeightSource {
        /** The builder or the configuration. */
        CONFIGURATION,
        /** The list of a registry: discovery, or the application through {@link BackendRegistry}. */
        REGISTRY,
        /** {@link BackendRegistry#setWeight}, as the stats page calls it. */
        OPERATOR,
        /** The weight in percent that the backend's agent reports. */
        AGENT,
        /** Slow start: the backend is new, or was out. */
        SLOW_START,
        /** The backend's zone, which gets a share of the traffic. */
        ZONE
    }

    /**
     * How often something kept a backend out.
     *
     * @param recent how many of these count for the length of the next one: ejections that its time in service has not
     *     made up for, or openings since its breaker last closed, failed trials included
     * @param total how many there were since the backend joined; a backend that returns within ten minutes goes on
     *     counting
     */
    record IncidentFigures(int recent, int total) {
        /** None. */
        public static final IncidentFigures NONE = new IncidentFigures(0, 0);
    }

    /**
     * An error in the past.
     *
     * @param message its message
     * @param age the time since it was last reported
     */
    record ErrorFigures(String message, Duration age) {}

    /**
     * One result of an active check.
     *
     * @param state what the check found
     * @param cause its message; may be empty
     * @param duration from the start of the check to its result
     * @param age the time since its result
     * @param count how many results in a row agree with it, at most {@code needed}
     * @param needed how many such results it takes to change the state
     */
    record CheckFigures(HealthState state, String cause, Duration duration, Duration age, int count, int needed) {}
}
