package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;

/** The strategies that come with Evenkeel. */
public final class Strategies {

    private Strategies() {}

    /**
     * A rotation from a random start, blind to weights.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy roundRobin() {
        return RoundRobin.INSTANCE;
    }
}
