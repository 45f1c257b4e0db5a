/**
 * Strategies based on response time: peak EWMA and latency tiers.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code LeastResponseTime}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.latency;

import org.jspecify.annotations.NullMarked;
