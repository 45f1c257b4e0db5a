package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The subsets of a pool, as calls read them. Immutable; a part of the snapshot.
 *
 * @param spreads by subset, for each subset that has a backend, and the default one
 * @param selectors by keys, the fall-back of requests whose values no backend has
 * @param whole the plan of the whole pool
 * @param byDefault the plan of the default subset; without backends if there is no such subset
 * @param defaultSubset the subset of {@code byDefault}; null if there is none
 * @param fallback the fall-back of requests by keys that are not declared
 */
public record SubsetIndex(
        Map<Subset, SelectionPlan> spreads,
        Map<Set<String>, Fallback> selectors,
        SelectionPlan whole,
        SelectionPlan byDefault,
        @Nullable Subset defaultSubset,
        Fallback fallback) {

    /** The plan of requests without a subset. */
    SelectionPlan unspecified() {
        return fallback == Fallback.DEFAULT_SUBSET ? byDefault : whole;
    }

    /** The plan of a subset, or of its fall-back. */
    public SelectionPlan find(Subset subset) {
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

    /** Whether requests for the subset fall back because no selector has its keys. */
    public boolean isUndeclared(Subset subset) {
        return !has(subset) && !selectors.containsKey(subset.metadata().keySet());
    }

    /** Whether a session whose requests want this subset may stay at a backend. A fall-back does not bind it to any. */
    public boolean allows(Subset subset, Backend backend) {
        return subset.matches(backend) || (!has(subset) && fallback(subset) != Fallback.NO_FALLBACK);
    }

    /** Whether a request for the subset, or without one if it is null, may be sent to a backend as far as subsets go. */
    public boolean isCandidate(@Nullable Subset subset, Backend backend) {
        if (subset != null && has(subset)) {
            return subset.matches(backend);
        }
        if (subset == null && fallback != Fallback.DEFAULT_SUBSET) {
            return true;
        }
        return switch (subset == null ? fallback : fallback(subset)) {
            case NO_FALLBACK -> false;
            case ANY_ENDPOINT -> true;
            case DEFAULT_SUBSET -> defaultSubset != null && defaultSubset.matches(backend);
        };
    }

    /** An addition to the reason why a request for the subset got no backend. */
    String detail(Subset subset) {
        if (has(subset)) {
            return "asked for " + subset;
        }
        return isUndeclared(subset) ? "asked for " + subset + ", but " + undeclared(subset) : "none has " + subset;
    }

    /** What is wrong with a request for a subset by keys that no selector has, and how to declare them. */
    public String undeclared(Subset subset) {
        Set<String> keys = new TreeSet<>(subset.metadata().keySet());
        String declared = selectors.isEmpty()
                ? "no selector is"
                : selectors.keySet().stream()
                                .map(one -> new TreeSet<>(one).toString())
                                .sorted()
                                .collect(Collectors.joining(", "))
                        + (selectors.size() == 1 ? " is" : " are");
        return "subsets by " + keys + " are not declared (" + declared + "); declare them by SubsetPolicy.withSelector("
                + keys.stream().map(key -> '"' + key + '"').collect(Collectors.joining(", "))
                + "), in a document by \"selectors\" of \"subsets\"";
    }
}
