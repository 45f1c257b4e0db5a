package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.HealthState;

/**
 * Result of the active checks of a backend.
 *
 * @param cause the message of the last check; may be empty
 */
public record CheckedHealth(HealthState state, String cause) {
    /** The backend is not checked. */
    public static final CheckedHealth UNKNOWN = new CheckedHealth(HealthState.UNKNOWN, "");
    /** Down only because the first check has not ended. */
    public static final CheckedHealth AWAITED = new CheckedHealth(HealthState.DOWN, "not checked yet");
}
