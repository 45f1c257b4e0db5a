package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** An endless sequence of candidates in proportion to their weights. Many threads share one. */
interface WeightedSchedule {

    /** Takes the next turn and returns the index of the candidate. Takes no lock, allocates nothing. */
    int next();

    /**
     * The sequence for some weights: exact and smooth if the cycle is short, a phased stride otherwise.
     *
     * @param candidates at least one
     * @param weights one per candidate, greater than 0 and finite
     * @param previous the sequence that this one continues
     * @param takeover from the candidates and weights of the previous one
     */
    static WeightedSchedule of(
            Candidate[] candidates,
            Weights weights,
            RandomGenerator random,
            @Nullable WeightedSchedule previous,
            CandidateListDiff takeover) {
        if (weights.areEven()) {
            return SmoothWeightedSchedule.even(weights.size(), random, previous, takeover);
        }
        double[] each = weights.toArray();
        int[] cycle = SmoothWeightedSchedule.reduced(each);
        if (cycle != null) {
            return SmoothWeightedSchedule.of(cycle, random, previous);
        }
        WeightedSchedule spaced = SpacedSchedule.of(candidates, each, random, previous, takeover);
        return spaced != null ? spaced : StrideSchedule.of(candidates, each, random, previous, takeover);
    }
}
