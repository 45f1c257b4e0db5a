package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.WeightedReservoir;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Candidates in turn, in proportion to their weights. If the request does not accept a candidate, the next one in the
 * sequence gets its turn, so the remaining candidates keep their proportions.
 */
public final class WeightedRotation implements Picker {
    /**
     * After so many turns it is cheaper to look at all candidates; more are refused only when one with most of the
     * weight is full.
     */
    private static final int MAX_TURNS = 16;

    public final Candidate[] candidates;
    final Weights weights;
    private final WeightedSchedule turns;
    private final RandomGenerator random;

    private WeightedRotation(Candidate[] candidates, Weights weights, WeightedSchedule turns, RandomGenerator random) {
        this.candidates = candidates;
        this.weights = weights;
        this.turns = turns;
        this.random = random;
    }

    /**
     * Continues a previous rotation; with the same candidates and weights, without any change.
     *
     * @param takeover from the candidates of the previous one
     */
    public static WeightedRotation of(
            Candidate[] candidates,
            Weights weights,
            RandomGenerator random,
            @Nullable WeightedRotation before,
            CandidateListDiff takeover) {
        WeightedSchedule turns;
        if (before == null) {
            turns = WeightedSchedule.of(candidates, weights, random, null, takeover);
        } else if (weights.isSame(before.weights) && Arrays.equals(candidates, before.candidates)) {
            turns = before.turns;
        } else {
            CandidateListDiff usable =
                    takeover.keeps(before.weights, weights) ? takeover : CandidateListDiff.none(candidates);
            turns = WeightedSchedule.of(candidates, weights, random, before.turns, usable);
        }
        return new WeightedRotation(candidates, weights, turns, random);
    }

    /**
     * The rotation over a pool's candidates.
     *
     * @param previous the rotation of the previous picker, by the same weights
     * @param weight the weight of a candidate; weights of unchanged candidates are copied from the previous rotation
     */
    public static WeightedRotation of(
            PickerContext context, @Nullable Picker previous, ToDoubleFunction<Candidate> weight) {
        Candidate[] candidates = context.candidates().toArray(Candidate[]::new);
        WeightedRotation before = previous instanceof WeightedRotation rotation ? rotation : null;
        CandidateListDiff takeover =
                CandidateListDiff.of(before == null ? null : before.candidates, context, candidates);
        Weights weights = takeover.weights(
                before == null ? null : before.weights, candidates.length, i -> weight.applyAsDouble(candidates[i]));
        return of(candidates, weights, context.random(), before, takeover);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        int index = pickIndex(request);
        return index < 0 ? null : candidates[index];
    }

    /** The weights of the candidates, in their order. */
    public Weights weights() {
        return weights;
    }

    /** The index of the candidate whose turn is next, whether or not a request accepts it. */
    public int nextIndex() {
        return turns.next();
    }

    /** The index of the pick; -1 for none. */
    public int pickIndex(PickRequest request) {
        for (int i = 0; i < MAX_TURNS; i++) {
            int index = turns.next();
            if (request.accepts(candidates[index])) {
                return index;
            }
        }
        return WeightedReservoir.draw(candidates, weights, request, random);
    }
}
