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
 */
record Policy(String name, Function<Run, LoadBalancingStrategy> strategy, Guard guard, int subset) {
    static final int ALL = Integer.MAX_VALUE;

    Policy(String name, Function<Run, LoadBalancingStrategy> strategy, Guard guard) {
        this(name, strategy, guard, ALL);
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
        return new Policy(name + ", guarded", strategy, Guard.DEFAULTS, subset);
    }

    /** The same for clients of so many servers each. */
    Policy subset(int size) {
        return new Policy(name + ", subset of " + size, strategy, guard, size);
    }

    static Policy named(String name) {
        return Stream.concat(table().stream(), guardedTable().stream())
                .filter(policy -> policy.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no policy is named \"" + name + "\"; there are "
                        + table().stream().map(Policy::name).toList()));
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
