package dev.evenkeel.lb;

import java.util.Map;
import java.util.TreeMap;

/**
 * A backend's report of its own load, in the terms of ORCA ({@code xds.data.orca.v3.OrcaLoadReport}). As there, 0 means
 * "not reported".
 *
 * <p>A report is untrusted input: if a value is out of range, the whole report is refused and never reaches a strategy.
 *
 * @param qps requests that it serves per second, 0 to 1e9
 * @param eps requests that it fails per second, 0 to 1e9
 * @param cpuUtilization share of its CPU in use, 0 to 1,000; above 1 when it exceeds a soft limit
 * @param memUtilization share of its memory in use, 0 to 1
 * @param applicationUtilization its utilization by a measure of its own, 0 to 1,000; preferred to the CPU's if both are
 *     reported
 * @param metrics further values, at most 64 entries, each finite: ORCA's {@code named_metrics} by their own name,
 *     {@code utilization} as {@code utilization.NAME} and {@code request_cost} as {@code request_cost.NAME}
 */
public record LoadReport(
        double qps,
        double eps,
        double cpuUtilization,
        double memUtilization,
        double applicationUtilization,
        Map<String, Double> metrics) {

    /** The maximum number of {@link #metrics}. */
    public static final int MAX_METRICS = 64;

    /**
     * The name of the metric that tells how many requests a backend has in flight, of all of its clients and with those
     * that wait in a queue of its own: 0 or more. In ORCA it is one of {@code named_metrics}.
     */
    public static final String IN_FLIGHT = "in_flight";

    private static final double MAX_RATE = 1e9;
    private static final double MAX_UTILIZATION = 1_000;

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is NaN, negative or out of range; the message names the rule and the
     *     value
     */
    public LoadReport {
        checkRange("qps", qps, MAX_RATE);
        checkRange("eps", eps, MAX_RATE);
        checkRange("cpuUtilization", cpuUtilization, MAX_UTILIZATION);
        checkRange("memUtilization", memUtilization, 1);
        checkRange("applicationUtilization", applicationUtilization, MAX_UTILIZATION);
        if (metrics.size() > MAX_METRICS) {
            throw new IllegalArgumentException(
                    "load report must have at most " + MAX_METRICS + " metrics: it has " + metrics.size());
        }
        metrics.forEach(LoadReport::checkMetric);
        metrics = Map.copyOf(metrics);
    }

    /**
     * Creates a builder of a report.
     *
     * @return a builder with nothing reported
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * One of {@link #metrics}.
     *
     * @param name the name
     * @return its value; 0 if it is not reported
     */
    public double metric(String name) {
        return metrics.getOrDefault(name, 0.0);
    }

    private static void checkRange(String what, double value, double max) {
        if (!(value >= 0 && value <= max)) {
            throw new IllegalArgumentException("load report's " + what + " must be 0.." + (long) max + ": " + value);
        }
    }

    private static void checkMetric(String name, double value) {
        if (name.isBlank() || name.length() > 255 || name.chars().anyMatch(Character::isISOControl)) {
            String shown = name.replaceAll("\\p{Cntrl}", "?");
            throw new IllegalArgumentException(
                    "load report's metric must have a name of 1..255 characters, none of them a control character: \""
                            + (shown.length() > 32 ? shown.substring(0, 32) + "…" : shown) + "\"");
        }
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("load report's metric \"" + name + "\" must be finite: " + value);
        }
    }

    /** Builds a report. Reusable; not thread-safe. */
    public static final class Builder {
        private double qps;
        private double eps;
        private double cpuUtilization;
        private double memUtilization;
        private double applicationUtilization;
        private final Map<String, Double> metrics = new TreeMap<>();

        private Builder() {}

        /**
         * Sets the rate of requests.
         *
         * @param perSecond 0 to 1e9
         * @return this
         */
        public Builder qps(double perSecond) {
            checkRange("qps", perSecond, MAX_RATE);
            this.qps = perSecond;
            return this;
        }

        /**
         * Sets the rate of errors.
         *
         * @param perSecond 0 to 1e9
         * @return this
         */
        public Builder eps(double perSecond) {
            checkRange("eps", perSecond, MAX_RATE);
            this.eps = perSecond;
            return this;
        }

        /**
         * Sets the share of the CPU in use.
         *
         * @param share 0 to 1,000; 1 is all of it
         * @return this
         */
        public Builder cpuUtilization(double share) {
            checkRange("cpuUtilization", share, MAX_UTILIZATION);
            this.cpuUtilization = share;
            return this;
        }

        /**
         * Sets the share of the memory in use.
         *
         * @param share 0 to 1
         * @return this
         */
        public Builder memUtilization(double share) {
            checkRange("memUtilization", share, 1);
            this.memUtilization = share;
            return this;
        }

        /**
         * Sets the utilization by the application's own measure.
         *
         * @param share 0 to 1,000; 1 is fully utilized
         * @return this
         */
        public Builder applicationUtilization(double share) {
            checkRange("applicationUtilization", share, MAX_UTILIZATION);
            this.applicationUtilization = share;
            return this;
        }

        /**
         * Adds one of the other metrics, or replaces it.
         *
         * @param name not blank, at most 255 characters
         * @param value finite
         * @return this
         */
        public Builder metric(String name, double value) {
            checkMetric(name, value);
            metrics.put(name, value);
            return this;
        }

        /**
         * Builds the report.
         *
         * @return a report with these values
         * @throws IllegalArgumentException if it has more than {@link #MAX_METRICS} metrics
         */
        public LoadReport build() {
            return new LoadReport(qps, eps, cpuUtilization, memUtilization, applicationUtilization, metrics);
        }
    }
}
