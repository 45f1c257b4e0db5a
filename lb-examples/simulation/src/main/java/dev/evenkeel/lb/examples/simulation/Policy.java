package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.List;
import java.util.function.Function;

/**
 * A row of the report.
 *
 * @param name what it is called; in words for a reference, as in the configuration for a strategy of ours
 * @param strategy makes the strategy for a run; all clients share it
 */
record Policy(String name, Function<Run, LoadBalancingStrategy> strategy) {

    static Policy of(LoadBalancingStrategy strategy) {
        return new Policy(strategy.name(), run -> strategy);
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
}
