package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subsets of a pool, as calls read them. Immutable; a part of the snapshot.
 *
 * @param spreads by subset, for each subset that has a backend, and the default one
 * @param selectors by keys, the fall-back of requests whose values no backend has
 * @param whole the plan of the whole pool
 * @param byDefault the plan of the default subset; without backends if there is no such subset
 * @param fallback the fall-back of requests by other keys
 * @param learns whether unknown keys are to be learned first
 */
public record SubsetIndex(
        Map<Subset, SelectionPlan> spreads,
        Map<Set<String>, Fallback> selectors,
        SelectionPlan whole,
        SelectionPlan byDefault,
        Fallback fallback,
        boolean learns) {

    /** The plan of requests without a subset. */
    SelectionPlan unspecified() {
        return fallback == Fallback.DEFAULT_SUBSET ? byDefault : whole;
    }

    /** The plan of a subset; null if its keys have to be learned first. */
    public @Nullable SelectionPlan find(Subset subset) {
        SelectionPlan own = spreads.get(subset);
        if (own != null) {
            return own;
        }
        return learns && !selectors.containsKey(subset.metadata().keySet()) ? null : instead(subset);
    }

    /** As {@link #find}, but unknown keys are not learned. */
    public SelectionPlan findKnown(Subset subset) {
        SelectionPlan own = spreads.get(subset);
        return own != null ? own : instead(subset);
    }

    private SelectionPlan instead(Subset subset) {
        return switch (fallback(subset)) {
            case NO_FALLBACK -> SelectionPlan.NONE;
            case ANY_ENDPOINT -> whole;
            case DEFAULT_SUBSET -> byDefault;
        };
    }

    private Fallback fallback(Subset subset) {
        return selectors.getOrDefault(subset.metadata().keySet(), fallback);
    }

    boolean has(Subset subset) {
        return spreads.containsKey(subset);
    }

    /** Whether a session whose requests want this subset may stay at a backend. A fall-back does not bind it to any. */
    public boolean allows(Subset subset, Backend backend) {
        return subset.matches(backend) || (!has(subset) && fallback(subset) != Fallback.NO_FALLBACK);
    }

    /** An addition to the reason why a request for the subset got no backend. */
    String detail(Subset subset) {
        if (has(subset)) {
            return "asked for " + subset;
        }
        return selectors.containsKey(subset.metadata().keySet())
                ? "none has " + subset
                : "asked for " + subset + ", whose keys are of none of the pool's subset selectors";
    }
}
