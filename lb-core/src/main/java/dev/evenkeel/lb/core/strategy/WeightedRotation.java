package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Candidates in turn, in proportion to their weights. One that the request does not accept loses its turn to the next in
 * the sequence, so the others keep their proportions among themselves.
 */
final class WeightedRotation implements Picker {
    /** Then it is cheaper to look at all; more than that is turned down only when one with most of the weight is full. */
    private static final int MAX_TURNS = 16;

    private final Candidate[] candidates;
    private final double[] weights;
    private final Sequence turns;
    private final RandomGenerator random;

    private WeightedRotation(Candidate[] candidates, double[] weights, Sequence turns, RandomGenerator random) {
        this.candidates = candidates;
        this.weights = weights;
        this.turns = turns;
        this.random = random;
    }

    /** Goes on where a previous one is; with the same candidates and weights, as if nothing had happened. */
    static WeightedRotation of(
            Candidate[] candidates, double[] weights, RandomGenerator random, @Nullable Picker previous) {
        if (!(previous instanceof WeightedRotation before)) {
            return new WeightedRotation(candidates, weights, Sequence.of(candidates, weights, random, null), random);
        }
        boolean same = Arrays.equals(weights, before.weights) && Arrays.equals(candidates, before.candidates);
        Sequence turns = same ? before.turns : Sequence.of(candidates, weights, random, before.turns);
        return new WeightedRotation(candidates, weights, turns, random);
    }

    static WeightedRotation of(List<Candidate> candidates, RandomGenerator random, @Nullable Picker previous) {
        double[] weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
        return of(candidates.toArray(Candidate[]::new), weights, random, previous);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        int index = pickIndex(request);
        return index < 0 ? null : candidates[index];
    }

    /** The index of the pick; -1 for none. */
    int pickIndex(PickRequest request) {
        for (int i = 0; i < MAX_TURNS; i++) {
            int index = turns.next();
            if (request.accepts(candidates[index])) {
                return index;
            }
        }
        return Lottery.draw(candidates, weights, request, random);
    }
}
