/**
 * Durations: their limits as arguments, delays that double, jitter.
 *
 * <p>Depends on nothing. Start reading at {@code Jitter}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.time;

import org.jspecify.annotations.NullMarked;
