package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;

/** {@link WeightedRotation} by the candidates' weights. */
public final class WeightedRoundRobin implements LoadBalancingStrategy {

    public static final WeightedRoundRobin INSTANCE = new WeightedRoundRobin();

    private WeightedRoundRobin() {}

    @Override
    public Picker newPicker(PickerContext context) {
        return WeightedRotation.of(context, context.predecessor(), Candidate::weight);
    }

    @Override
    public boolean usesWeights() {
        return true;
    }

    @Override
    public String name() {
        return "weightedRoundRobin";
    }
}
