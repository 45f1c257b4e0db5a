/**
 * Observes backends and changes what is known of them: active checks, circuit breakers, outlier ejection, cooldowns
 * after {@code Retry-After}, load reports.
 *
 * <p>Each class changes its own part of a backend's state under the lock of {@code SnapshotPublisher}. Start reading at
 * {@code ActiveHealthChecks}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.health;

import org.jspecify.annotations.NullMarked;
