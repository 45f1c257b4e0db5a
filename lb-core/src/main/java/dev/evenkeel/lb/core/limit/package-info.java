/**
 * Policies that limit the calls in flight of a pool, and queue requests beyond the limit.
 *
 * <p>Depends on the API only; {@code AdmissionController} in {@code core.internal.limit} applies them. Start reading at
 * {@link dev.evenkeel.lb.core.limit.LimitPolicy}.
 */
package dev.evenkeel.lb.core.limit;
