package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.internal.pool.DecisionLog;
import dev.evenkeel.lb.core.internal.registry.BackendListDiff;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
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
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings of a pool that a reload may change, their defaults, and the rules for their values. */
final class ConfigBuilder {
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private static final Duration MIN_STREAM_DURATION = Duration.ofSeconds(1);
    private static final Duration MAX_STREAM_DURATION = Duration.ofDays(30);

    private final String name;
    private final List<Backend> backends = new ArrayList<>();
    private LoadBalancingStrategy strategy = Strategies.adaptive();
    private BreakerPolicy breaker = BreakerPolicy.defaults();
    private @Nullable OutlierDetector outlierDetector;
    private PriorityPolicy priorities = PriorityPolicy.overprovisioned();
    private PanicPolicy panic = PanicPolicy.useAnswering(50);
    private ZonePolicy zones = ZonePolicy.ignore();
    private SubsetPolicy subsets = SubsetPolicy.noFallback();
    private SlowStart slowStart = SlowStart.off();
    private LimitPolicy limits = LimitPolicy.none();
    private @Nullable EjectionPolicy ejection;
    private Duration maxRetryAfter = Duration.ofSeconds(30);
    private int loggedDecisions;
    private Duration sessionIdleTimeout = Duration.ofMinutes(1);
    private DrainPolicy drains = DrainPolicy.defaults();
    private @Nullable Duration maxStreamDuration;
    private @Nullable HealthCheckPolicy healthCheck;
    private @Nullable LoadReportPolicy loadReports;
    private @Nullable BackendDiscovery discovery;
    private boolean honoursEmptyDiscovery;
    private Duration initialDiscoveryTimeout = Duration.ofSeconds(5);

    ConfigBuilder(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "pool name must be a host name or an IP literal, of letters, digits, dots,"
                            + " hyphens and underscores: \"" + name + "\"");
        }
        this.name = name;
    }

    void backend(Backend backend) {
        backends.add(backend);
    }

    void strategy(LoadBalancingStrategy value) {
        strategy = value;
    }

    void breaker(BreakerPolicy value) {
        breaker = value;
    }

    void outlierDetector(OutlierDetector value) {
        outlierDetector = value;
    }

    void priorities(PriorityPolicy value) {
        priorities = value;
    }

    void panic(PanicPolicy value) {
        panic = value;
    }

    void zones(ZonePolicy value) {
        zones = value;
    }

    void subsets(SubsetPolicy value) {
        subsets = value;
    }

    void slowStart(SlowStart value) {
        slowStart = value;
    }

    void limits(LimitPolicy value) {
        limits = value;
    }

    void ejection(EjectionPolicy value) {
        ejection = value;
    }

    void maxRetryAfter(Duration value) {
        maxRetryAfter = checked("maxRetryAfter", value, Duration.ofHours(1));
    }

    void loggedDecisions(int value) {
        loggedDecisions = DecisionLog.checkOneOf(value);
    }

    void sessionIdleTimeout(Duration value) {
        sessionIdleTimeout = checked("sessionIdleTimeout", value, Duration.ofDays(1));
    }

    void drains(DrainPolicy value) {
        drains = value;
    }

    void maxStreamDuration(Duration value) {
        if (value.compareTo(MIN_STREAM_DURATION) < 0 || value.compareTo(MAX_STREAM_DURATION) > 0) {
            throw new IllegalArgumentException("maxStreamDuration must be " + MIN_STREAM_DURATION + " to "
                    + MAX_STREAM_DURATION.toDays() + " days: " + value);
        }
        maxStreamDuration = value;
    }

    void healthCheck(HealthCheckPolicy value) {
        healthCheck = value;
    }

    void loadReports(LoadReportPolicy value) {
        loadReports = value;
    }

    void discovery(BackendDiscovery value) {
        discovery = value;
    }

    void honoursEmptyDiscovery(boolean value) {
        honoursEmptyDiscovery = value;
    }

    void initialDiscoveryTimeout(Duration value) {
        initialDiscoveryTimeout = checked("initialDiscoveryTimeout", value, Duration.ofHours(1));
    }

    private static Duration checked(String what, Duration value, Duration max) {
        if (value.isNegative() || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(what + " must be PT0S to " + max + ": " + value);
        }
        return value;
    }

    /** The configuration; fails if two backends have the same id. */
    PoolConfig build() {
        OutlierDetector detector = outlierDetector;
        if (detector == null) {
            detector = strategy.avoidsFailures() ? OutlierDetectors.none() : OutlierDetectors.relative();
        }
        return new PoolConfig(
                List.copyOf(BackendListDiff.distinct(name, backends).values()),
                strategy,
                breaker,
                detector,
                ejection == null ? detector.ejectionPolicy() : ejection,
                maxRetryAfter,
                sessionIdleTimeout,
                drains,
                maxStreamDuration,
                priorities,
                panic,
                zones,
                subsets,
                slowStart,
                limits,
                loggedDecisions,
                healthCheck,
                loadReports,
                discovery,
                honoursEmptyDiscovery,
                initialDiscoveryTimeout);
    }
}
