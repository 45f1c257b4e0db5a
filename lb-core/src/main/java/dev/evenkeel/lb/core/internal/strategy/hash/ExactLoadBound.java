package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import org.jspecify.annotations.Nullable;

/** The bound of up to 64 candidates: reads all of them. The accepted candidates are a bit each. */
final class ExactLoadBound extends LoadBound {
    private final double[] weights;

    ExactLoadBound(double factor, Candidate[] candidates) {
        super(factor, candidates);
        weights = relativeWeights(candidates);
    }

    @Override
    long accepted(@Nullable PickRequest request) {
        long accepted = 0;
        for (int i = 0; i < candidates.length; i++) {
            if (request == null ? candidates[i].isAvailable() : request.accepts(candidates[i])) {
                accepted |= 1L << i;
            }
        }
        return accepted;
    }

    @Override
    long inFlight(long accepted) {
        long calls = 0;
        for (int i = 0; i < candidates.length; i++) {
            if ((accepted >>> i & 1) != 0) {
                calls += candidates[i].inFlight();
            }
        }
        return calls;
    }

    @Override
    int slots(int index, long accepted, double all) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            if ((accepted >>> i & 1) != 0) {
                sum += weights[i];
            }
        }
        return sum == 0 ? 1 : slots(all, Math.min(1, weights[index] / sum));
    }
}
