/**
 * The built-in strategies: created by {@link dev.evenkeel.lb.core.strategy.Strategies}, or looked up there by name.
 *
 * <p>A strategy sees candidates through {@code dev.evenkeel.lb.spi} only and knows nothing of registries, health or
 * HTTP. The algorithms are in {@code core.internal.strategy}. Start reading at {@code RoundRobin}, the shortest one.
 */
@NullMarked
package dev.evenkeel.lb.core.strategy;

import org.jspecify.annotations.NullMarked;
