package dev.evenkeel.lb.core.topology;

import dev.evenkeel.lb.Subset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a pool serves requests for a {@link Subset} of it. Each subset has its own tiers, zones, panic and turns. Subsets
 * by the keys of a selector are prepared before a request needs one. The keys of the default subset, and of the subsets
 * that a client and its routes ask for, need no selector; the keys of a hint of a single request do.
 *
 * <p>A subset without a backend falls back, as in Envoy. A subset whose backends are all down does not: its requests
 * fail as in a pool that is down.
 *
 * @param fallback how to serve a request whose subset has no backend, or whose keys are not declared
 * @param defaultSubset the subset of {@link Fallback#DEFAULT_SUBSET}; null if that is not used
 * @param selectors the keys of subsets, at most {@value #MAX_SELECTORS}
 * @param maxSubsets how many subsets are prepared, 1 to 100,000; any further one is logged and counts as without a
 *     backend
 */
public record SubsetPolicy(
        Fallback fallback, @Nullable Subset defaultSubset, List<Selector> selectors, int maxSubsets) {

    /** The maximum number of combinations of keys. */
    public static final int MAX_SELECTORS = 16;

    /** How requests are served whose subset has no backend. */
    public enum Fallback {
        /** They fail. */
        NO_FALLBACK,
        /** They may go to any backend. */
        ANY_ENDPOINT,
        /**
         * They go to the default subset. If this is the pool's own fall-back, requests without a subset go there, too.
         */
        DEFAULT_SUBSET
    }

    /**
     * Metadata keys of subsets: one subset for each combination of values that backends have.
     *
     * @param keys at least one, at most {@value Subset#MAX_ENTRIES}
     * @param fallback for requests by these keys; null for the policy's
     */
    public record Selector(Set<String> keys, @Nullable Fallback fallback) {
        public Selector {
            if (keys.isEmpty() || keys.size() > Subset.MAX_ENTRIES) {
                throw new IllegalArgumentException(
                        "selector must have 1.." + Subset.MAX_ENTRIES + " keys: " + new TreeSet<>(keys));
            }
            keys.forEach(key -> Subset.of(key, ""));
            keys = Collections.unmodifiableSet(new TreeSet<>(keys));
        }
    }

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range, two selectors have the same keys, or a fall-back needs a
     *     default subset and there is none
     */
    public SubsetPolicy {
        selectors = List.copyOf(selectors);
        if (selectors.size() > MAX_SELECTORS) {
            throw new IllegalArgumentException(
                    "subset selectors must be at most " + MAX_SELECTORS + ": there are " + selectors.size());
        }
        if (maxSubsets < 1 || maxSubsets > 100_000) {
            throw new IllegalArgumentException("maxSubsets must be 1..100000: " + maxSubsets);
        }
        boolean leadsToDefault = fallback == Fallback.DEFAULT_SUBSET;
        for (int i = 0; i < selectors.size(); i++) {
            Selector selector = selectors.get(i);
            leadsToDefault |= selector.fallback() == Fallback.DEFAULT_SUBSET;
            if (selectors.subList(0, i).stream().anyMatch(other -> other.keys().equals(selector.keys()))) {
                throw new IllegalArgumentException(
                        "subset selectors must differ: two have the keys " + selector.keys());
            }
        }
        if (leadsToDefault && defaultSubset == null) {
            throw new IllegalArgumentException(
                    "fall-back DEFAULT_SUBSET must have a default subset; name it, or choose " + Fallback.NO_FALLBACK
                            + " or " + Fallback.ANY_ENDPOINT);
        }
    }

    /**
     * Requests whose subset has no backend fail, and requests without a subset go to any backend: the default.
     *
     * @return the policy
     */
    public static SubsetPolicy noFallback() {
        return new SubsetPolicy(Fallback.NO_FALLBACK, null, List.of(), 1_000);
    }

    /**
     * A subset is a preference: if it has no backend, the request goes to any backend.
     *
     * @return the policy
     */
    public static SubsetPolicy anyEndpoint() {
        return new SubsetPolicy(Fallback.ANY_ENDPOINT, null, List.of(), 1_000);
    }

    /**
     * Requests whose subset has no backend, and requests without a subset, go to a certain subset, such as
     * {@code stage=prod}, so that a canary gets only requests that ask for it.
     *
     * @param subset the default one
     * @return the policy
     */
    public static SubsetPolicy defaultSubset(Subset subset) {
        return new SubsetPolicy(Fallback.DEFAULT_SUBSET, subset, List.of(), 1_000);
    }

    /**
     * This policy with a further selector.
     *
     * @param keys at least one
     * @return a copy
     * @throws IllegalArgumentException if a key is invalid, there is another selector with the same keys, or there are
     *     too many
     */
    public SubsetPolicy withSelector(String... keys) {
        return withSelector(null, keys);
    }

    /**
     * This policy with a further selector that has its own fall-back.
     *
     * @param fallback for requests by these keys; null for the policy's
     * @param keys at least one
     * @return a copy
     * @throws IllegalArgumentException if a key is invalid, there is another selector with the same keys, or there are
     *     too many
     */
    public SubsetPolicy withSelector(@Nullable Fallback fallback, String... keys) {
        List<Selector> more = new ArrayList<>(selectors);
        more.add(new Selector(new TreeSet<>(List.of(keys)), fallback));
        return new SubsetPolicy(this.fallback, defaultSubset, more, maxSubsets);
    }

    /**
     * This policy with another maximum of subsets.
     *
     * @param newMaxSubsets 1 to 100,000; default 1,000
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SubsetPolicy withMaxSubsets(int newMaxSubsets) {
        return new SubsetPolicy(fallback, defaultSubset, selectors, newMaxSubsets);
    }
}
