package dev.evenkeel.lb.examples.playground;

import dev.evenkeel.lb.core.strategy.Strategies;

/**
 * What the pools of one side have in common.
 *
 * @param strategy its name
 * @param clients how many clients share the calls, each with a pool of its own, 1..50
 * @param slowStart how many seconds a backend that is new, or was out, takes to get its full share, 0..60; 0 for none
 */
record PoolSettings(String strategy, int clients, int slowStart) {
    PoolSettings {
        Strategies.byName(strategy); // Throws, and lists all names.
        Behaviour.check("clients", clients, 1, 50);
        Behaviour.check("slowStart", slowStart, 0, 60);
    }

    PoolSettings withStrategy(String name) {
        return new PoolSettings(name, clients, slowStart);
    }
}
