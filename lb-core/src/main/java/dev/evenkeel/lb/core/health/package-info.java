/**
 * What is observed of backends: active checks, circuit breakers, outlier detection. And what follows
 * from it: the arithmetic of tiers, panic, zones and slow start.
 *
 * <p>Everything here comes to a view and reports it; only the registry acts on it. Start reading at
 * {@link dev.evenkeel.lb.core.health.HealthCheckPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.core.health;

import org.jspecify.annotations.NullMarked;
