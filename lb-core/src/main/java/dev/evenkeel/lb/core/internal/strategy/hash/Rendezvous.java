package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.PickerContext;
import org.jspecify.annotations.Nullable;

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar, 1998; weights as weight / -ln(hash), Schindelhauer and
 * Schomaker, 2005): each pair of key and backend has a score, and the best one that is accepted wins. Needs no table
 * and moves no key without need, also under slow start; looks at all candidates for every pick.
 */
public final class Rendezvous extends AffinityPicker {
    private final long[] salts;
    /** Relative to the largest weight. */
    private final double[] inverseWeights;

    public Rendezvous(PickerContext context, double loadFactor) {
        super(
                context,
                SortedCandidates.of(
                        context, context.predecessor() instanceof Rendezvous before ? before.candidates : null),
                loadFactor);
        int n = candidates.length;
        salts = new long[n];
        inverseWeights = new double[n];
        double largest = 0;
        for (Candidate candidate : candidates) {
            largest = Math.max(largest, candidate.weight());
        }
        for (int i = 0; i < n; i++) {
            salts[i] = XxHash64.hash(candidates[i].backend().id(), 0);
            inverseWeights[i] = Math.min(Double.MAX_VALUE, largest / candidates[i].weight());
        }
    }

    @Override
    public @Nullable Candidate pick(PickRequest request, long hash) {
        int owner = cheapest(request, hash, null, 0, 0);
        LoadBound limit = bound;
        if (owner < 0 || limit == null || candidates[owner].inFlight() == 0) {
            return owner < 0 ? null : candidates[owner];
        }
        long accepted = limit.accepted(request);
        double all = limit.allSlots(accepted);
        int withRoom = limit.hasRoom(owner, accepted, all) ? owner : cheapest(request, hash, limit, accepted, all);
        return withRoom < 0 ? limit.leastLoaded(request, start(hash)) : candidates[withRoom];
    }

    /** The accepted candidate with the lowest cost, below its bound if there is one; -1 if there is none. */
    private int cheapest(PickRequest request, long hash, @Nullable LoadBound limit, long accepted, double all) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < salts.length; i++) {
            double cost = cost(i, hash, least);
            if ((cost < least || best < 0)
                    && request.accepts(candidates[i])
                    && (limit == null || limit.hasRoom(i, accepted, all))) {
                best = i;
                least = cost;
            }
        }
        return best;
    }

    /**
     * -ln(u) / weight, where u is the hash of key and backend as a number of 0 to 1; infinite if it cannot be below.
     */
    private double cost(int i, long hash, double limit) {
        double u = ((XxHash64.mix(hash ^ salts[i]) >>> 11) + 0.5) * 0x1p-53;
        // -ln(u) >= 1 - u spares nearly every logarithm.
        return (1 - u) * inverseWeights[i] >= limit ? Double.POSITIVE_INFINITY : -Math.log(u) * inverseWeights[i];
    }
}
