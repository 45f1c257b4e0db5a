package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The subsets that a backend belongs to, as they follow from its metadata and the selectors in force.
 *
 * @param metadata what the backend had when it was looked at
 * @param selectors the selectors that were in force then
 * @param subsets the subsets that it belongs to
 */
public record SubsetMembership(
        Map<String, String> metadata, Map<Set<String>, Fallback> selectors, List<Subset> subsets) {}
