/**
 * The default strategy: one class for each factor of the cost.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code AdaptivePicker}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.adaptive;

import org.jspecify.annotations.NullMarked;
