/**
 * Strategies based on calls in flight or on load reports: least connections, power of two, resource-based.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code LeastConnections}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.load;

import org.jspecify.annotations.NullMarked;
