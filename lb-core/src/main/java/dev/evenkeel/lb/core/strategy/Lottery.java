package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A random draw from those that a request accepts: the last resort of pickers that otherwise do not look at all. */
final class Lottery {

    private Lottery() {}

    /**
     * Draws in proportion to weight, in one pass: each accepted candidate replaces the one held with the probability of
     * its weight over the sum so far. O(n).
     */
    static @Nullable Candidate draw(
            Candidate[] candidates, double[] weights, PickRequest request, RandomGenerator random) {
        Candidate drawn = null;
        double sum = 0;
        for (int i = 0; i < candidates.length; i++) {
            if (request.accepts(candidates[i])) {
                sum += weights[i];
                if (drawn == null || random.nextDouble() * sum < weights[i]) {
                    drawn = candidates[i];
                }
            }
        }
        return drawn;
    }
}
