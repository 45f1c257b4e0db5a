/**
 * Argument checks that every package of the module shares.
 *
 * <p>Depends on nothing. Start reading at {@code Durations}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal;

import org.jspecify.annotations.NullMarked;
