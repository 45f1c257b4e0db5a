/**
 * What a pool runs on: its configuration, clock, timers, random numbers and event delivery.
 *
 * <p>Depends on policies and the public API alone. Start reading at {@code PoolConfig}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.runtime;

import org.jspecify.annotations.NullMarked;
