/**
 * The algorithms: one package-private class each, made by {@link dev.evenkeel.lb.core.strategy.Strategies}.
 *
 * <p>A strategy sees candidates through {@code dev.evenkeel.lb.spi} only and knows nothing of registries, health or HTTP.
 * Start reading at {@code RoundRobin}, the shortest one.
 */
@NullMarked
package dev.evenkeel.lb.core.strategy;

import org.jspecify.annotations.NullMarked;
