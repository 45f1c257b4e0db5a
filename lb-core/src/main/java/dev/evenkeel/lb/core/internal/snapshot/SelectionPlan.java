package dev.evenkeel.lb.core.internal.snapshot;

import java.util.List;

/**
 * How calls are spread over backends, of the whole pool or of a subset.
 *
 * @param levels in the order in which they stand in for each other: the tiers' healthy parts, then their degraded parts
 * @param draw chooses the level that a call tries first
 */
public record SelectionPlan(List<PriorityLevel> levels, WeightedChoice draw) {
    /** Over none. */
    static final SelectionPlan NONE = new SelectionPlan(List.of(), WeightedChoice.FIRST);
}
