package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.HealthState;

/**
 * What active checks have found of a backend.
 *
 * @param cause what the last check said; may be empty
 */
public record CheckedHealth(HealthState state, String cause) {
    /** Nobody has looked, and nobody will. */
    public static final CheckedHealth UNKNOWN = new CheckedHealth(HealthState.UNKNOWN, "");
    /** Down only because the first check has not ended. */
    public static final CheckedHealth AWAITED = new CheckedHealth(HealthState.DOWN, "not checked yet");
}
