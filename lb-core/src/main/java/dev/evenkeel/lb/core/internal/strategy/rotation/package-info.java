/**
 * Strategies that take turns or draw by weight: round robin, weighted round robin, weighted random.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code RoundRobin}, the shortest
 * strategy.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.rotation;

import org.jspecify.annotations.NullMarked;
