/**
 * Policies for observing backends: active checks, circuit breakers, outlier detection.
 *
 * <p>Checks and detectors report what they find; only the registry acts on it. Start reading at
 * {@link dev.evenkeel.lb.core.health.HealthCheckPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.core.health;

import org.jspecify.annotations.NullMarked;
