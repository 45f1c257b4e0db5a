package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a builder decides about one pool and a reload may change. Immutable; {@link CurrentConfig} has the one in force. */
public record PoolConfig(
        List<Backend> backends,
        LoadBalancingStrategy strategy,
        BreakerPolicy breaker,
        OutlierDetector outlierDetector,
        EjectionPolicy ejection,
        Duration maxRetryAfter,
        Duration sessionIdleTimeout,
        DrainPolicy drains,
        @Nullable Duration maxStreamDuration,
        PriorityPolicy priorities,
        PanicPolicy panic,
        ZonePolicy zones,
        SubsetPolicy subsets,
        SlowStart slowStart,
        LimitPolicy limits,
        int loggedDecisions,
        @Nullable HealthCheckPolicy healthCheck,
        @Nullable LoadReportPolicy loadReports,
        @Nullable BackendDiscovery discovery,
        boolean honoursEmptyDiscovery,
        Duration initialDiscoveryTimeout) {}
