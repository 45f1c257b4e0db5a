package dev.evenkeel.lb.core.internal.snapshot;

import java.util.List;

/**
 * How the calls of the whole pool, or of a subset, are distributed over backends.
 *
 * @param levels in fall-back order: the tiers' healthy parts, then their degraded parts
 * @param draw chooses the level that a call tries first
 */
public record SelectionPlan(List<PriorityLevel> levels, WeightedChoice draw) {
    /** Plan without backends. */
    static final SelectionPlan NONE = new SelectionPlan(List.of(), WeightedChoice.FIRST);
}
