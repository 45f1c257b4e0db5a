package dev.evenkeel.lb.core;

import dev.evenkeel.lb.HealthState;

/**
 * What active checks have found of a backend.
 *
 * @param cause what the last check said; may be empty
 */
record Finding(HealthState state, String cause) {
    /** Nobody has looked, and nobody will. */
    static final Finding UNKNOWN = new Finding(HealthState.UNKNOWN, "");
    /** Down only because the first check has not ended. */
    static final Finding AWAITED = new Finding(HealthState.DOWN, "not checked yet");
}
