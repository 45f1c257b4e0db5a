/**
 * Pools as meters of Micrometer, which is optional: without it on the class path nothing here is loaded, and without a
 * registry nothing is counted for it.
 *
 * <p>Reads pools through their public API only. Start reading at {@link dev.evenkeel.lb.core.metrics.PoolMetrics}.
 */
@NullMarked
package dev.evenkeel.lb.core.metrics;

import org.jspecify.annotations.NullMarked;
