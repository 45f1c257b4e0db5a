/**
 * Micrometer meters of pools. Micrometer is optional: without it nothing here is loaded, and without a registry nothing
 * is counted.
 *
 * <p>Reads pools through their public API only. Start reading at {@link dev.evenkeel.lb.core.metrics.PoolMetrics}.
 */
@NullMarked
package dev.evenkeel.lb.core.metrics;

import org.jspecify.annotations.NullMarked;
