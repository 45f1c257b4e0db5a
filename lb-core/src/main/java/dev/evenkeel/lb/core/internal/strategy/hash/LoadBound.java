package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2016), with weights as Envoy's
 * {@code hash_balance_factor}: of factor · (calls in flight + 1) slots each candidate has its part by weight, rounded up. A
 * candidate with as many calls in flight as slots passes its keys on.
 *
 * <p>HAProxy rounds so that the parts add up to the whole. Where few calls are in flight that gives a canary a slot of a heavy candidate.
 *
 * <p>Slots and load count the same calls: all calls in flight at the candidates that the request accepts, also those
 * that other subsets, tiers or bound sessions have sent there. A candidate that was tried or is full has no part in
 * either, so among the rest one always has room.
 */
public abstract class LoadBound {
    /** Up to so many candidates are all read for each pick that needs the bound. */
    static final int MAX_READ = 64;

    private static final double ROUNDING_ERROR = 1e-6;

    final Candidate[] candidates;
    private final double factor;

    LoadBound(double factor, Candidate[] candidates) {
        this.factor = factor;
        this.candidates = candidates;
    }

    /** The bound for candidates, by their weights now. */
    static LoadBound of(double factor, Candidate[] candidates) {
        return candidates.length <= MAX_READ
                ? new ExactLoadBound(factor, candidates)
                : new RunningLoadBound(factor, candidates);
    }

    public static double check(double factor) {
        if (!(factor >= 1 && factor <= 1_000)) {
            throw new IllegalArgumentException(
                    "bounded load factor must be 1..1000: " + factor + "; usual are 1.25 to 2");
        }
        return factor;
    }

    /**
     * The candidates that a request accepts, for the other methods during one pick.
     *
     * @param request null for all that are available
     */
    abstract long accepted(@Nullable PickRequest request);

    /** The calls in flight at these candidates. */
    abstract long inFlight(long accepted);

    /** The part of {@code all} slots that a candidate has among these, at least 1. The parts add up to all slots or more. */
    abstract int slots(int index, long accepted, double all);

    /** The slots of all these candidates together. */
    final double allSlots(long accepted) {
        return Math.ceil(factor * (inFlight(accepted) + 1));
    }

    /** Whether a candidate has fewer calls in flight than slots. */
    final boolean hasRoom(int index, long accepted, double all) {
        int calls = candidates[index].inFlight();
        return calls == 0 || calls < slots(index, accepted, all);
    }

    /** The accepted candidate with the fewest calls in flight for its weight; the first one from a start among equals. */
    final @Nullable Candidate leastLoaded(PickRequest request, int start) {
        int n = candidates.length;
        Candidate least = null;
        double load = 0;
        for (int i = 0; i < n; i++) {
            Candidate candidate = candidates[start + i < n ? start + i : start + i - n];
            double ours = candidate.inFlight() / candidate.weight();
            if ((least == null || ours < load) && request.accepts(candidate)) {
                least = candidate;
                load = ours;
            }
        }
        return least;
    }

    static int slots(double all, double share) {
        return (int) Math.max(1, Math.ceil(all * share - ROUNDING_ERROR));
    }

    /** Weights relative to the largest one, so that no sum overflows. */
    static double[] relativeWeights(Candidate[] candidates) {
        double[] weights = new double[candidates.length];
        double largest = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = candidates[i].weight();
            largest = Math.max(largest, weights[i]);
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= largest;
        }
        return weights;
    }
}
