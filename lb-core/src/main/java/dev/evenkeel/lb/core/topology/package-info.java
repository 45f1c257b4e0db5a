/**
 * Which part of a pool is used: priorities (tiers), panic, zones, subsets and slow start, as policies.
 *
 * <p>Values without behaviour; {@code core.internal.snapshot} applies them. Start reading at {@code PriorityPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.core.topology;

import org.jspecify.annotations.NullMarked;
