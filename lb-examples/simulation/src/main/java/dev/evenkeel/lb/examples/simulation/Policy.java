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
 * @param pollsPerSecond how often each client asks a server for its requests in flight; 0 if it does not
 */
record Policy(String name, Function<Run, LoadBalancingStrategy> strategy, Guard guard, int subset, int pollsPerSecond) {
    static final int ALL = Integer.MAX_VALUE;

    private static final int PREQUALS_POLLS_PER_SECOND = 20;

    Policy(String name, Function<Run, LoadBalancingStrategy> strategy, Guard guard) {
        this(name, strategy, guard, ALL, 0);
    }

    /** What a pool may have around a strategy. */
    enum Guard {
        /** Neither breaker nor ejection: the strategy as it is. */
        NONE,
        /** What a pool has without configuration. */
        DEFAULTS
    }

    static Policy of(LoadBalancingStrategy strategy) {
        return new Policy(strategy.name(), run -> strategy, Guard.NONE);
    }

    /** The same in a pool with its defaults. */
    Policy guarded() {
        return new Policy(name + ", guarded", strategy, Guard.DEFAULTS, subset, pollsPerSecond);
    }

    /** The same for clients of so many servers each. */
    Policy subset(int size) {
        return new Policy(name + ", subset of " + size, strategy, guard, size, pollsPerSecond);
    }

    static Policy named(String name) {
        return Stream.of(table(), guardedTable(), List.of(adaptiveWithLoadReports()))
                .flatMap(List::stream)
                .filter(policy -> policy.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no policy is named \"" + name + "\"; there are "
                        + table().stream().map(Policy::name).toList()));
    }

    /** The default strategy where servers are asked as well. Not in the table: its requests are a load that no other row has. */
    static Policy adaptiveWithLoadReports() {
        return new Policy(
                "adaptive, load reports",
                run -> Strategies.adaptiveWithLoadReports(),
                Guard.NONE,
                ALL,
                PREQUALS_POLLS_PER_SECOND);
    }

    /** Strategies that do not avoid failures by themselves, and the default, with breaker and ejection around them. */
    static List<Policy> guardedTable() {
        return List.of(
                of(Strategies.roundRobin()).guarded(),
                of(Strategies.leastConnections()).guarded(),
                of(Strategies.powerOfTwo()).guarded(),
                of(Strategies.adaptive()).guarded());
    }

    /** The rows of the table: references first. */
    static List<Policy> table() {
        return List.of(
                References.omniscient(),
                References.leastConnections(),
                References.bestOfTwo(),
                References.peakEwma(),
                of(Strategies.roundRobin()),
                of(Strategies.leastConnections()),
                of(Strategies.powerOfTwo()),
                of(Strategies.leastResponseTime()),
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
        return policy.contains(" ") ? "reference" : "ours";
    }
}
