package dev.evenkeel.lb.core.topology;

import dev.evenkeel.lb.Subset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a pool serves requests that want a {@link Subset} of it: each subset has tiers, zones, panic and turns of its
 * own. Subsets by keys that the pool knows are ready before a request asks for one; the keys are declared as selectors,
 * or learned.
 *
 * <p>A subset without a backend falls back, as in Envoy. One whose backends are all down does not: its requests fail as
 * those of a pool that is down.
 *
 * @param fallback what becomes of a request whose subset has no backend, or is by keys that are not known
 * @param defaultSubset where {@link Fallback#DEFAULT_SUBSET} leads; null if nothing leads there
 * @param selectors the keys that subsets are by, at most {@value #MAX_SELECTORS}; if empty, the keys of the first
 *     requests are learned, up to {@value #MAX_SELECTORS} combinations, each at the price of a new snapshot of the pool
 * @param maxSubsets how many subsets are kept ready, 1 to 100,000; what is beyond is logged and counts as without a
 *     backend
 */
public record SubsetPolicy(
        Fallback fallback, @Nullable Subset defaultSubset, List<Selector> selectors, int maxSubsets) {

    /** The most combinations of keys. */
    public static final int MAX_SELECTORS = 16;

    /** What becomes of requests whose subset has no backend. */
    public enum Fallback {
        /** They fail. */
        NO_FALLBACK,
        /** They may go anywhere. */
        ANY_ENDPOINT,
        /** They go to the default subset. So do, if it is the pool's own fallback, requests that want no subset. */
        DEFAULT_SUBSET
    }

    /**
     * Keys of metadata that subsets are by: one for each combination of values that backends have.
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
     * @throws IllegalArgumentException if one is out of range, two selectors have the same keys, or a fall-back leads
     *     to a default subset that there is not
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
     * Requests whose subset has no backend fail, and those that want none go anywhere: the default.
     *
     * @return the policy
     */
    public static SubsetPolicy noFallback() {
        return new SubsetPolicy(Fallback.NO_FALLBACK, null, List.of(), 1_000);
    }

    /**
     * A subset is a preference: where it has no backend, the request goes anywhere.
     *
     * @return the policy
     */
    public static SubsetPolicy anyEndpoint() {
        return new SubsetPolicy(Fallback.ANY_ENDPOINT, null, List.of(), 1_000);
    }

    /**
     * Requests whose subset has no backend, and those that want none, go to a certain subset: to {@code stage=prod},
     * say, so that a canary gets nothing that was not meant for it.
     *
     * @param subset the default one
     * @return the policy
     */
    public static SubsetPolicy defaultSubset(Subset subset) {
        return new SubsetPolicy(Fallback.DEFAULT_SUBSET, subset, List.of(), 1_000);
    }

    /**
     * The same with a further selector. With the first one, keys are no longer learned.
     *
     * @param keys at least one
     * @return a copy
     * @throws IllegalArgumentException if a key is none, there is another selector with the same, or there are too many
     */
    public SubsetPolicy withSelector(String... keys) {
        return withSelector(null, keys);
    }

    /**
     * The same with a further selector that has a fall-back of its own.
     *
     * @param fallback for requests by these keys; null for the policy's
     * @param keys at least one
     * @return a copy
     * @throws IllegalArgumentException if a key is none, there is another selector with the same, or there are too many
     */
    public SubsetPolicy withSelector(@Nullable Fallback fallback, String... keys) {
        List<Selector> more = new ArrayList<>(selectors);
        more.add(new Selector(new TreeSet<>(List.of(keys)), fallback));
        return new SubsetPolicy(this.fallback, defaultSubset, more, maxSubsets);
    }

    /**
     * The same with another bound.
     *
     * @param most 1 to 100,000; default 1,000
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SubsetPolicy withMaxSubsets(int most) {
        return new SubsetPolicy(fallback, defaultSubset, selectors, most);
    }
}
