package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The subsets that a backend belongs to, as determined by its metadata and the current selectors.
 *
 * @param metadata the backend's metadata at that time
 * @param selectors the selectors in force at that time
 * @param subsets the subsets that it belongs to
 */
public record SubsetMembership(
        Map<String, String> metadata, Map<Set<String>, Fallback> selectors, List<Subset> subsets) {}
