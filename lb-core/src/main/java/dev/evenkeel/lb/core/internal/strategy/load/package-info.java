/**
 * Strategies that go by calls in flight or by what backends report: least connections, power of two, resource-based.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code LeastConnections}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.load;

import org.jspecify.annotations.NullMarked;
