package dev.evenkeel.lb.core.internal.strategy.slowstart;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;

/**
 * A picker that compares costs, and can say what it thinks of a candidate apart from its calls in flight. By default it
 * knows nothing but calls in flight.
 */
public interface CostPicker extends Picker {

    /**
     * How much a call costs at a candidate, relative to a good one: by its latency and failures, not by its calls in
     * flight and not by its weight.
     *
     * @param candidate one in slow start, which need not be among this picker's candidates
     * @return 1 for an average candidate, less for a quicker one
     */
    default double relativeCost(Candidate candidate, long nowNanos) {
        return 1;
    }

    /**
     * Whether the candidate that this picker has just picked is failing or hanging. As it was the best one, so are all
     * of this picker's candidates.
     */
    default boolean isUnwell(Candidate picked, long nowNanos) {
        return false;
    }
}
