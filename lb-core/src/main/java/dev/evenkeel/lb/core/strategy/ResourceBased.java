package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.internal.strategy.load.ReportedLoadParameters;
import dev.evenkeel.lb.core.internal.strategy.load.ReportedLoadPicker;
import dev.evenkeel.lb.core.internal.strategy.support.Nanos;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Follows the load reports of the backends ({@link dev.evenkeel.lb.Lease#report}). A backend's weight is
 * {@code qps / (utilization + eps / qps · penalty)}, gRPC's formula (gRFC A58), smoothed over some twenty reports and
 * limited to between a tenth and ten times of the median. Of two draws in proportion to weight the second wins only
 * with fewer calls in flight from this client and less load for its weight, so reports that are late or false do little
 * harm.
 *
 * <p>A report counts only with a rate of requests and a utilization. A backend without reports has the mean weight of
 * the reporting ones; if no backend reports, the configured weights count. Immutable: each method returns another
 * strategy.
 */
public final class ResourceBased implements LoadBalancingStrategy {

    static final ResourceBased DEFAULT = new ResourceBased(new ReportedLoadParameters(
            report -> report.applicationUtilization() > 0 ? report.applicationUtilization() : report.cpuUtilization(),
            1,
            Duration.ofSeconds(3).toNanos(),
            Duration.ofMinutes(3).toNanos()));

    private final ReportedLoadParameters parameters;

    private ResourceBased(ReportedLoadParameters parameters) {
        this.parameters = parameters;
    }

    ReportedLoadParameters parameters() {
        return parameters;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResourceBased that && that.parameters.equals(parameters);
    }

    @Override
    public int hashCode() {
        return parameters.hashCode();
    }

    /**
     * Sets which number of a report is the utilization, such as {@code LoadReport::memUtilization} or
     * {@code report -> report.metric("utilization.disk")}.
     *
     * @param utilization gives a number greater than 0, or anything else if a report does not tell; called on the
     *     thread that brings a report; one that throws leaves the report without effect. By default the application's
     *     utilization, else the CPU's
     * @return this strategy with that utilization
     */
    public ResourceBased utilization(ToDoubleFunction<LoadReport> utilization) {
        return new ResourceBased(parameters.withUtilization(utilization));
    }

    /**
     * Sets how much errors count against a backend: with 1, a backend that fails all requests counts as fully used for
     * that alone.
     *
     * @param penalty 0 to 1,000; default 1
     * @return this strategy with that penalty
     * @throws IllegalArgumentException if the penalty is out of range
     */
    public ResourceBased errorPenalty(double penalty) {
        if (!(penalty >= 0 && penalty <= 1_000)) {
            throw new IllegalArgumentException("error penalty must be 0..1000: " + penalty);
        }
        return new ResourceBased(parameters.withErrorPenalty(penalty));
    }

    /**
     * Sets how long a backend reports before its reports count.
     *
     * @param blackoutDuration 0 or more; default 3 s
     * @return this strategy with that blackout
     * @throws IllegalArgumentException if it is negative
     */
    public ResourceBased blackoutDuration(Duration blackoutDuration) {
        if (blackoutDuration.isNegative()) {
            throw new IllegalArgumentException("blackoutDuration must not be negative: " + blackoutDuration);
        }
        return new ResourceBased(parameters.withBlackoutNanos(Nanos.of(blackoutDuration)));
    }

    /**
     * Sets how long a backend may be silent before its reports no longer count.
     *
     * @param reportTtl greater than 0; default 3 min
     * @return this strategy with that time to live
     * @throws IllegalArgumentException if it is not greater than 0
     */
    public ResourceBased reportTtl(Duration reportTtl) {
        if (reportTtl.isNegative() || reportTtl.isZero()) {
            throw new IllegalArgumentException("reportTtl must be greater than 0: " + reportTtl);
        }
        return new ResourceBased(parameters.withExpiryNanos(Nanos.of(reportTtl)));
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return new ReportedLoadPicker(parameters, context);
    }

    @Override
    public String name() {
        return "resourceBased";
    }
}
