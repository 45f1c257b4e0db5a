package dev.evenkeel.lb.core;

import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.LoadReportSource;

/** Setters of {@link LoadBalancerBuilder} that set a policy with its defaults. */
interface BuilderShorthands {

    LoadBalancerBuilder healthCheck(HealthCheckPolicy policy);

    LoadBalancerBuilder loadReports(LoadReportPolicy policy);

    LoadBalancerBuilder zones(ZonePolicy policy);

    /**
     * Enables active health checks, with the defaults of {@link HealthCheckPolicy#of}. By default there are none.
     *
     * @param check the check
     * @return this
     */
    default LoadBalancerBuilder healthCheck(HealthCheck check) {
        return healthCheck(HealthCheckPolicy.of(check));
    }

    /**
     * Polls backends every 2 s, separately from calls, for their load. By default no backend is polled, and only
     * reports in responses count.
     *
     * @param source such as {@link dev.evenkeel.lb.core.load.AgentCheck#onPort} or {@link LoadReportSource#of}
     * @return this
     */
    default LoadBalancerBuilder loadReports(LoadReportSource source) {
        return loadReports(LoadReportPolicy.of(source));
    }

    /**
     * Prefers backends of the zone that this process runs in, with the defaults of {@link ZonePolicy#preferLocal}.
     *
     * @param zone where this process runs
     * @return this
     * @throws IllegalArgumentException if the zone is blank
     */
    default LoadBalancerBuilder localZone(String zone) {
        return zones(ZonePolicy.preferLocal(zone));
    }
}
