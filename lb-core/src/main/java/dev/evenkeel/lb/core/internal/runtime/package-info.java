/**
 * The environment of a pool: its configuration, clock, timers, random numbers and event delivery.
 *
 * <p>Depends on policies and the public API only. Start reading at {@code PoolConfig}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.runtime;

import org.jspecify.annotations.NullMarked;
