package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.SubsetMembership;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The subsets of a pool and their members. Guarded by the registry's lock; calls read {@link SubsetIndex}.
 *
 * <p>The keys of subsets come from the policy, from its default subset, and from clients that declare what their routes
 * ask for; never from requests. The subsets themselves follow from the backends' metadata, so that no caller's value can
 * fill the memory.
 */
public final class DeclaredSubsets {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final String pool;
    private final SubsetPolicy policy;
    /** By keys, the fall-back of requests whose values no backend has. Replaced as a whole. */
    private Map<Set<String>, Fallback> selectors = Map.of();
    /** The keys that clients have declared. They outlive a change of the policy. */
    private final Set<Set<String>> ofClients = new LinkedHashSet<>();

    private boolean warned;

    DeclaredSubsets(String pool, SubsetPolicy policy) {
        this.pool = pool;
        this.policy = policy;
        Subset byDefault = policy.defaultSubset();
        if (byDefault != null) {
            register(byDefault.metadata().keySet(), policy.fallback());
        }
        policy.selectors()
                .forEach(selector -> register(
                        selector.keys(), selector.fallback() == null ? policy.fallback() : selector.fallback()));
    }

    /** Whether the subsets are those of this policy. */
    boolean isOf(SubsetPolicy other) {
        return Objects.equals(policy, other);
    }

    /** The selectors under another policy. */
    DeclaredSubsets under(SubsetPolicy next) {
        DeclaredSubsets selectors = new DeclaredSubsets(pool, next);
        ofClients.forEach(selectors::declare);
        return selectors;
    }

    /** Adds a client's selector. Returns false if the policy has it already, or if the maximum is reached. */
    boolean declare(Set<String> keys) {
        if (ofClients.size() >= SubsetPolicy.MAX_SELECTORS && !ofClients.contains(keys)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "pool " + pool + ": subsets by " + new TreeSet<>(keys) + " are not served: clients have declared "
                            + SubsetPolicy.MAX_SELECTORS + " selectors, which is the maximum; declare them in the"
                            + " pool's SubsetPolicy");
            return false;
        }
        ofClients.add(Set.copyOf(keys));
        if (selectors.containsKey(keys)) {
            return false;
        }
        register(keys, policy.fallback());
        return true;
    }

    private void register(Set<String> keys, Fallback fallback) {
        Map<Set<String>, Fallback> more = new HashMap<>(selectors);
        more.put(Set.copyOf(keys), fallback);
        selectors = Map.copyOf(more);
    }

    /** Whether there can be no subset, so that nothing has to be done. */
    boolean isEmpty() {
        return selectors.isEmpty() && policy.defaultSubset() == null;
    }

    /** The members of each subset that has a backend. */
    Map<Subset, List<BackendState>> members(List<BackendState> all) {
        Map<Subset, List<BackendState>> members = new LinkedHashMap<>();
        Subset byDefault = policy.defaultSubset();
        if (byDefault != null) {
            members.put(byDefault, new ArrayList<>());
        }
        for (BackendState node : all) {
            if (node.condition() == BackendCondition.LEAVING) {
                continue;
            }
            for (Subset subset : subsets(node)) {
                List<BackendState> present = members.get(subset);
                if (present != null) {
                    present.add(node);
                } else if (members.size() < policy.maxSubsets()) {
                    members.put(subset, new ArrayList<>(List.of(node)));
                } else {
                    warn(subset);
                }
            }
        }
        return members;
    }

    /** The subsets of a backend; cached while its metadata and the selectors are the same objects. */
    private List<Subset> subsets(BackendState node) {
        Map<String, String> metadata = node.backend().metadata();
        SubsetMembership found = node.subsets();
        if (found == null || found.metadata() != metadata || found.selectors() != selectors) {
            found = new SubsetMembership(metadata, selectors, subsets(metadata));
            node.subsets(found);
        }
        return found.subsets();
    }

    private List<Subset> subsets(Map<String, String> metadata) {
        List<Subset> subsets = new ArrayList<>();
        for (Set<String> keys : selectors.keySet()) {
            if (metadata.keySet().containsAll(keys)) {
                Map<String, String> values = new HashMap<>(metadata);
                values.keySet().retainAll(keys);
                subsets.add(Subset.of(values));
            }
        }
        Subset byDefault = policy.defaultSubset();
        if (byDefault != null && !subsets.contains(byDefault) && matches(byDefault, metadata)) {
            subsets.add(byDefault);
        }
        return subsets;
    }

    private static boolean matches(Subset subset, Map<String, String> metadata) {
        return metadata.entrySet().containsAll(subset.metadata().entrySet());
    }

    private void warn(Subset subset) {
        if (!warned) {
            warned = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "pool \"" + pool + "\" has more than " + policy.maxSubsets() + " subsets: " + subset
                            + " and others are not served; declare selectors with fewer values, or raise maxSubsets");
        }
    }

    SubsetIndex index(Map<Subset, SelectionPlan> spreads, SelectionPlan whole) {
        Subset byDefault = policy.defaultSubset();
        return new SubsetIndex(
                Map.copyOf(spreads),
                selectors,
                whole,
                byDefault == null ? SelectionPlan.NONE : spreads.getOrDefault(byDefault, SelectionPlan.NONE),
                byDefault,
                policy.fallback());
    }
}
