package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.config.json.ConfigDocument;
import dev.evenkeel.lb.core.config.json.ConfigObject;
import dev.evenkeel.lb.core.config.json.ConfigValue;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.load.AgentCheck;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Carries the pools of a configuration into builders. It says which field goes to which setter and nothing else: the
 * setters know the ranges. It stands here, not in the slice {@code config}, because only this package knows the others.
 */
final class PoolReader {
    private static final Map<String, Supplier<HealthCheck>> HEALTH_CHECKS = Map.of("tcp", HealthChecks::tcp);
    private static final Map<String, OutlierDetector> OUTLIER_DETECTORS = new TreeMap<>(Map.of(
            "relative", OutlierDetectors.relative(),
            "envoy", OutlierDetectors.envoy(),
            "grpc", OutlierDetectors.grpc(),
            "none", OutlierDetectors.none()));

    private final Map<String, String> pathsByBackendId = new HashMap<>();
    private LoadBalancerBuilder pool = new LoadBalancerBuilder("stand-in.invalid");
    private HealthCheckPolicy healthCheck = HealthCheckPolicy.of(HealthChecks.tcp());

    private AgentCheck agent = AgentCheck.onPort(1);
    private LoadReportPolicy loadReports = LoadReportPolicy.of(agent);

    private PoolReader() {}

    static List<LoadBalancerBuilder> read(ConfigDocument document) {
        List<LoadBalancerBuilder> pools = new ArrayList<>();
        Map<String, String> pathsByName = new HashMap<>();
        document.read(root -> root.required("pools")
                .nonEmptyArray(value -> value.object(object -> {
                    PoolReader reader = new PoolReader();
                    reader.readName(object.required("name"), pathsByName);
                    reader.readSettings(object);
                    pools.add(reader.pool);
                })));
        return pools;
    }

    /** A pool whose name is refused stays the stand-in, so that its settings are checked all the same. */
    private void readName(ConfigValue value, Map<String, String> pathsByName) {
        value.text(name -> {
            pool = new LoadBalancerBuilder(name);
            // Names are hosts: case makes no difference.
            String first = pathsByName.putIfAbsent(name.toLowerCase(Locale.ROOT), value.path());
            if (first != null) {
                throw new IllegalArgumentException("duplicate pool name \"" + name + "\"; the first is " + first);
            }
        });
    }

    private void readSettings(ConfigObject object) {
        object.optional("strategy").text(name -> pool.strategy(Strategies.byName(name)));
        object.required("backends").nonEmptyArray(this::readBackend);
        object.optional("healthCheck").object(this::readHealthCheck);
        object.optional("loadReports").object(this::readLoadReports);
        object.optional("circuitBreaker").object(this::readCircuitBreaker);
        object.optional("outlierDetection").word("outlier detection", OUTLIER_DETECTORS, pool::outlierDetection);
    }

    private void readBackend(ConfigValue value) {
        Backend backend = BackendReader.read(value);
        if (backend == null) {
            return;
        }
        String first = pathsByBackendId.putIfAbsent(backend.id(), value.path());
        if (first != null) {
            value.refuse("duplicate backend id \"" + backend.id() + "\"; the first is " + first);
        } else {
            pool.backend(backend);
        }
    }

    private void readHealthCheck(ConfigObject object) {
        object.required("type")
                .word("health check", HEALTH_CHECKS, check -> healthCheck = HealthCheckPolicy.of(check.get()));
        object.optional("interval").duration(value -> healthCheck = healthCheck.withInterval(value));
        object.optional("timeout").duration(value -> healthCheck = healthCheck.withTimeout(value));
        object.optional("rise").integer(value -> healthCheck = healthCheck.withThresholds(value, healthCheck.fall()));
        object.optional("fall").integer(value -> healthCheck = healthCheck.withThresholds(healthCheck.rise(), value));
        pool.healthCheck(healthCheck);
    }

    private void readLoadReports(ConfigObject object) {
        object.required("type").word("source of load reports", Map.of("agent", true), agent -> {});
        object.required("port").integer(port -> agent = AgentCheck.onPort(port));
        object.optional("send").text(text -> agent = agent.sending(text));
        loadReports = LoadReportPolicy.of(agent);
        object.optional("interval").duration(value -> loadReports = loadReports.withInterval(value));
        object.optional("timeout").duration(value -> loadReports = loadReports.withTimeout(value));
        pool.loadReports(loadReports);
    }

    private void readCircuitBreaker(ConfigObject object) {
        BreakerPolicy.Builder breaker = BreakerPolicy.builder();
        object.optional("enabled").flag(breaker::enabled);
        object.optional("windowSize").integer(breaker::windowSize);
        object.optional("minimumCalls").integer(breaker::minimumCalls);
        object.optional("failureRatePercent").number(breaker::failureRatePercent);
        object.optional("openDuration").duration(breaker::openDuration);
        object.optional("maxOpenDuration").duration(breaker::maxOpenDuration);
        object.optional("halfOpenCalls").integer(breaker::halfOpenCalls);
        object.optional("halfOpenMaxWait").duration(breaker::halfOpenMaxWait);
        // What is left to refuse is about two fields at once.
        object.whole(() -> pool.circuitBreaker(breaker.build()));
    }
}
