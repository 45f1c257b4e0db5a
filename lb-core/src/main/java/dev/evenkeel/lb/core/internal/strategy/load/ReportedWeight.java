package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.LoadReport;

/**
 * Weight of one backend derived from its load reports, as gRFC A58 defines it, smoothed. Threads race on it: a lost
 * update is a lost report.
 */
public final class ReportedWeight {
    private static final double NEWEST = 0.05;

    /** 0 before the first report. */
    private volatile double weight;

    private volatile long sinceNanos;
    private volatile long lastNanos;

    /**
     * Requests served per unit of load: qps / (utilization + eps / qps · penalty).
     *
     * @return 0 if the report lacks a value
     */
    public static double of(LoadReport report, double utilization, double errorPenalty) {
        if (!(report.qps() > 0 && utilization > 0)) {
            return 0;
        }
        double weight = report.qps() / (utilization + report.eps() / report.qps() * errorPenalty);
        return weight > 0 && weight < Double.POSITIVE_INFINITY ? weight : 0;
    }

    /** Adds a weight greater than 0. The first one, or the first after a silence, counts alone. */
    public void add(double reported, long nowNanos, long expiryNanos) {
        double before = weight;
        if (before == 0 || nowNanos - lastNanos >= expiryNanos) {
            sinceNanos = nowNanos;
            weight = reported;
        } else {
            weight = before + NEWEST * (reported - before);
        }
        lastNanos = nowNanos;
    }

    /** The weight; 0 without a usable one: no report, too few of them yet, or none for too long. */
    public double get(long nowNanos, long blackoutNanos, long expiryNanos) {
        double current = weight;
        return current == 0 || nowNanos - lastNanos >= expiryNanos || nowNanos - sinceNanos < blackoutNanos
                ? 0
                : current;
    }
}
