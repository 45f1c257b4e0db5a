package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.LoadReport;
import java.util.function.ToDoubleFunction;

/**
 * How reports become weights.
 *
 * @param utilization which number of a report is the utilization
 * @param errorPenalty how much errors count, 0 to 1,000
 * @param blackoutNanos how long a backend reports before its reports count
 * @param expiryNanos how long a backend may be silent before its reports no longer count
 */
public record ReportedLoadParameters(
        ToDoubleFunction<LoadReport> utilization, double errorPenalty, long blackoutNanos, long expiryNanos) {

    public ReportedLoadParameters withUtilization(ToDoubleFunction<LoadReport> changed) {
        return new ReportedLoadParameters(changed, errorPenalty, blackoutNanos, expiryNanos);
    }

    public ReportedLoadParameters withErrorPenalty(double changed) {
        return new ReportedLoadParameters(utilization, changed, blackoutNanos, expiryNanos);
    }

    public ReportedLoadParameters withBlackoutNanos(long changed) {
        return new ReportedLoadParameters(utilization, errorPenalty, changed, expiryNanos);
    }

    public ReportedLoadParameters withExpiryNanos(long changed) {
        return new ReportedLoadParameters(utilization, errorPenalty, blackoutNanos, changed);
    }
}
