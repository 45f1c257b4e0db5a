/**
 * The environment of a pool: its configuration, clock, timers, random numbers and event delivery.
 *
 * <p>Depends on policies and the public API only. Start reading at {@code PoolConfig}, which a reload
 * replaces, and {@code PoolRuntime}, which stays.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.runtime;

import org.jspecify.annotations.NullMarked;
