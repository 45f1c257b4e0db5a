package dev.evenkeel.lb.core;

import java.util.List;

/**
 * How calls are spread over backends, of the whole pool or of a subset.
 *
 * @param levels in the order in which they stand in for each other: the tiers' healthy parts, then their degraded parts
 * @param draw chooses the level that a call tries first
 */
record Spread(List<Level> levels, Draw draw) {
    /** Over none. */
    static final Spread NONE = new Spread(List.of(), Draw.FIRST);
}
