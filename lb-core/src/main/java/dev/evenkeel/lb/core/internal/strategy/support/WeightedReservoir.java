package dev.evenkeel.lb.core.internal.strategy.support;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A random draw from the candidates that a request accepts: the last resort of pickers that otherwise do not look at
 * all candidates.
 */
public final class WeightedReservoir {

    private WeightedReservoir() {}

    /**
     * Draws in proportion to weight, in one pass: each accepted candidate replaces the one held with the probability of
     * its weight over the sum so far. O(n).
     *
     * @return an index; -1 if none is accepted
     */
    public static int draw(Candidate[] candidates, Weights weights, PickRequest request, RandomGenerator random) {
        return draw(candidates, weights, request::accepts, random);
    }

    /** As above, from the candidates that meet a condition. */
    public static int draw(
            Candidate[] candidates, Weights weights, Predicate<Candidate> accepted, RandomGenerator random) {
        int drawn = -1;
        double sum = 0;
        for (int i = 0; i < candidates.length; i++) {
            if (accepted.test(candidates[i])) {
                sum += weights.get(i);
                if (drawn < 0 || random.nextDouble() * sum < weights.get(i)) {
                    drawn = i;
                }
            }
        }
        return drawn;
    }
}
