/**
 * Slow start under strategies that compare costs.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code SlowStartPicker}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.slowstart;

import org.jspecify.annotations.NullMarked;
