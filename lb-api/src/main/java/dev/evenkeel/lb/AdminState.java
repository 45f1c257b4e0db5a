package dev.evenkeel.lb;

/**
 * State that an operator, or the backend's agent in the operator's place, sets for a backend. Observations never change
 * it.
 */
public enum AdminState {
    /** Takes calls if it is healthy. */
    ACTIVE,
    /** Finishes its calls and takes no new ones, except requests of sessions that are bound to it. */
    DRAINING,
    /** Takes no calls, is not checked and does not count as healthy. */
    MAINTENANCE
}
