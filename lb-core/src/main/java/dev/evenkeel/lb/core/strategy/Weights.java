package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;

/** What strategies ask of weights. */
final class Weights {

    private Weights() {}

    /** Whether all are the same. */
    static boolean areEven(double[] weights) {
        for (double weight : weights) {
            if (weight != weights[0]) {
                return false;
            }
        }
        return true;
    }

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
