package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;

/** Which part of a candidate's weight a strategy honours. */
final class Weights {

    private Weights() {}

    /**
     * The effective weight, or for a strategy that is blind to configured weights what slow start and the pool's policies
     * have made of them: a backend that warms up is spared under every strategy.
     */
    static double of(Candidate candidate, boolean weighted) {
        return weighted
                ? candidate.weight()
                : candidate.weight() / candidate.backend().weight();
    }
}
