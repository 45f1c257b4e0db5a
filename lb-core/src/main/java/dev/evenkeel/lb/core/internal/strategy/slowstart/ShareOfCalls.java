package dev.evenkeel.lb.core.internal.strategy.slowstart;

import dev.evenkeel.lb.core.internal.strategy.support.CallsInFlight;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import java.util.random.RandomGenerator;

/** Whether a candidate in slow start, in its turn, has no more than its share of the calls in flight. */
public final class ShareOfCalls {
    /**
     * A candidate may have twice its share, as a cost or as calls in flight. An equal candidate rarely has so much by
     * chance.
     */
    private static final double TOLERANCE = 2;

    private final Candidate[] candidates;
    private final Weights weights;
    private final CallsInFlight inFlight;
    private final double sumOfWeights;

    /**
     * Of these candidates.
     *
     * @param candidates must not be written any more
     */
    public ShareOfCalls(Candidate[] candidates, Weights weights, RandomGenerator random) {
        this.candidates = candidates;
        this.weights = weights;
        this.inFlight = new CallsInFlight(candidates, random);
        this.sumOfWeights = weights.sum();
    }

    /**
     * Whether one more call leaves a candidate within its share.
     *
     * @param relativeCost of a call at the candidate: see {@link CostPicker#relativeCost}
     */
    public boolean hasRoom(int index, double relativeCost) {
        double load = (candidates[index].inFlight() + 1) * relativeCost;
        return load < TOLERANCE || load < TOLERANCE * (1 + inFlight.ofAll() * weights.get(index) / sumOfWeights);
    }
}
