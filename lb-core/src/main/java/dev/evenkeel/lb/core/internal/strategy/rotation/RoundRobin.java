package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.TurnCounter;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rotation over the candidates from a random start. A candidate that the request does not accept is skipped in favour
 * of its successor. Exact: n·k picks give each of n candidates k.
 *
 * <p>Configured weights do not count. While slow start reduces the weights of some candidates by a factor, the rotation
 * is weighted by these factors.
 */
public final class RoundRobin implements LoadBalancingStrategy {

    public static final RoundRobin INSTANCE = new RoundRobin();

    private RoundRobin() {}

    @Override
    public Picker newPicker(PickerContext context) {
        Candidate[] candidates = context.candidates().toArray(Candidate[]::new);
        if (context.predecessor() instanceof Rotation previous && previous.suits(context)) {
            return new Rotation(candidates, previous.factor, previous.counter);
        }
        WeightedRotation rotation = context.predecessor() instanceof WeightedRotation before ? before : null;
        CandidateListDiff takeover =
                CandidateListDiff.of(rotation == null ? null : rotation.candidates, context, candidates);
        Weights weights = takeover.weights(
                rotation == null ? null : rotation.weights,
                candidates.length,
                i -> Weights.effective(candidates[i], false));
        if (!weights.areEven()) {
            return WeightedRotation.of(candidates, weights, context.random(), rotation, takeover);
        }
        TurnCounter counter = context.predecessor() instanceof Rotation previous
                ? previous.counter
                : new TurnCounter(context.random().nextInt());
        return new Rotation(candidates, weights.get(0), counter);
    }

    @Override
    public boolean usesWeights() {
        return true;
    }

    @Override
    public String name() {
        return "roundRobin";
    }

    private static final class Rotation implements Picker {
        private final Candidate[] candidates;
        /** By which slow start reduces the weight of each candidate. */
        private final double factor;

        private final TurnCounter counter;

        Rotation(Candidate[] candidates, double factor, TurnCounter counter) {
            this.candidates = candidates;
            this.factor = factor;
            this.counter = counter;
        }

        /** Whether new and changed candidates have the same factor as all other candidates. */
        boolean suits(PickerContext context) {
            List<CandidateChange> changes = context.changes();
            if (changes == null) {
                return false;
            }
            for (CandidateChange change : changes) {
                if (!change.leaves() && Weights.effective(change.candidate(), false) != factor) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            int n = candidates.length;
            int start = Integer.remainderUnsigned((int) counter.next(), n);
            for (int i = 0; i < n; i++) {
                int index = start + i;
                Candidate candidate = candidates[index < n ? index : index - n];
                if (request.accepts(candidate)) {
                    return candidate;
                }
            }
            return null;
        }
    }
}
