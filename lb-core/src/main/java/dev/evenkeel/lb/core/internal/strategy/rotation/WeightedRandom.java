package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.WeightedReservoir;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Picks a random candidate in proportion to weight. It draws again if the request does not accept the candidate, which
 * keeps the proportions of the remaining ones.
 */
public final class WeightedRandom implements LoadBalancingStrategy {

    public static final WeightedRandom INSTANCE = new WeightedRandom();

    /** After so many draws it is cheaper to look at all candidates. */
    private static final int MAX_DRAWS = 8;

    private WeightedRandom() {}

    @Override
    public Picker newPicker(PickerContext context) {
        Candidate[] candidates = context.candidates().toArray(Candidate[]::new);
        Draws before = context.predecessor() instanceof Draws previous ? previous : null;
        Weights weights = CandidateListDiff.of(before == null ? null : before.candidates, context, candidates)
                .weights(before == null ? null : before.weights, candidates.length, i -> candidates[i].weight());
        return new Draws(candidates, weights, context.random());
    }

    @Override
    public boolean usesWeights() {
        return true;
    }

    @Override
    public String name() {
        return "random";
    }

    private static final class Draws implements Picker {
        private final Candidate[] candidates;
        private final Weights weights;
        private final AliasTable table;
        private final RandomGenerator random;

        Draws(Candidate[] candidates, Weights weights, RandomGenerator random) {
            this.candidates = candidates;
            this.weights = weights;
            this.table = new AliasTable(weights);
            this.random = random;
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            for (int i = 0; i < MAX_DRAWS; i++) {
                Candidate candidate = candidates[table.draw(random)];
                if (request.accepts(candidate)) {
                    return candidate;
                }
            }
            int index = WeightedReservoir.draw(candidates, weights, request, random);
            return index < 0 ? null : candidates[index];
        }
    }
}
