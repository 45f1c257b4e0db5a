package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.core.discovery.Discoveries;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A row of the report.
 *
 * @param name what it is called; in words for a reference, as in the configuration for a strategy of ours
 * @param strategy makes the strategy for a run; all clients share it
 * @param guard what the pool has around it
 * @param subset how many servers each client has, by {@link Discoveries#subset}; {@link #ALL} for all
 * @param reports how servers tell their load
 */
record Policy(String name, Function<Run, LoadBalancingStrategy> strategy, Guard guard, int subset, Reports reports) {
    static final int ALL = Integer.MAX_VALUE;

    Policy(String name, Function<Run, LoadBalancingStrategy> strategy, Guard guard) {
        this(name, strategy, guard, ALL, Reports.NONE);
    }

    /** What a pool may have around a strategy. */
    enum Guard {
        /** Neither breaker nor ejection: the strategy as it is. */
        NONE,
        /** What a pool has without configuration. */
        DEFAULTS
    }

    /** How clients learn of the servers' load. */
    enum Reports {
        /** Not at all. */
        NONE,
        /** Each client polls one server after the other for its requests in flight, as often as Prequal. */
        POLLED,
        /** Each response has a report: requests and errors per second, and the busy share of the workers. */
        IN_RESPONSES
    }

    static Policy of(LoadBalancingStrategy strategy) {
        return new Policy(strategy.name(), run -> strategy, Guard.NONE);
    }

    /** The same in a pool with its defaults. */
    Policy guarded() {
        return new Policy(name + ", guarded", strategy, Guard.DEFAULTS, subset, reports);
    }

    /** The same for clients of so many servers each. */
    Policy subset(int size) {
        return new Policy(name + ", subset of " + size, strategy, guard, size, reports);
    }

    static Policy named(String name) {
        return all().stream()
                .filter(policy -> policy.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no policy is named \"" + name + "\"; there are "
                        + all().stream().map(Policy::name).toList()));
    }

    /** All rows of the report, in their order. */
    static List<Policy> all() {
        return Stream.of(table(), reportedLoads(), guardedTable())
                .flatMap(List::stream)
                .toList();
    }

    /** Strategies that go by what servers report of their load. */
    private static List<Policy> reportedLoads() {
        return List.of(
                new Policy("resourceBased", run -> Strategies.resourceBased(), Guard.NONE, ALL, Reports.IN_RESPONSES),
                new Policy(
                        "adaptive, load reports",
                        run -> Strategies.adaptiveWithLoadReports(),
                        Guard.NONE,
                        ALL,
                        Reports.POLLED));
    }

    /** Strategies that do not avoid failures by themselves, and the default, with breaker and ejection around them. */
    static List<Policy> guardedTable() {
        return List.of(
                of(Strategies.roundRobin()).guarded(),
                of(Strategies.leastConnections()).guarded(),
                of(Strategies.powerOfTwo()).guarded(),
                of(Strategies.adaptive()).guarded());
    }

    /** References, and the strategies that need no report of the servers. */
    static List<Policy> table() {
        return List.of(
                References.omniscient(),
                References.leastConnections(),
                References.bestOfTwo(),
                References.peakEwma(),
                of(Strategies.roundRobin()),
                of(Strategies.random()),
                of(Strategies.leastConnections()),
                of(Strategies.powerOfTwo()),
                of(Strategies.leastResponseTime()),
                of(Strategies.latencyTiers()),
                of(Strategies.adaptive()));
    }

    /** How a policy is drawn. */
    static String kind(String policy) {
        if (policy.equals("adaptive")) {
            return "default";
        }
        if (policy.endsWith("guarded")) {
            return "guarded";
        }
        return policy.contains(" ") && !policy.contains(",") ? "reference" : "ours";
    }
}
