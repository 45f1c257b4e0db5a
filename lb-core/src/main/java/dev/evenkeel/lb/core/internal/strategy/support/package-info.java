/**
 * Code shared by several strategies: weights, sampling without replacement, differences of candidate lists, a coarse
 * clock.
 *
 * <p>Depends on {@code dev.evenkeel.lb.spi} alone. Start reading at {@code Weights}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.support;

import org.jspecify.annotations.NullMarked;
