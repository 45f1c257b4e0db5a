package dev.evenkeel.lb;

/**
 * What an operator, or the backend's agent in the operator's place, wants of a backend; observation never changes it.
 */
public enum AdminState {
    /** Takes traffic if it is healthy. */
    ACTIVE,
    /** Finishes what it has and gets nothing new but requests of sessions that are bound to it. */
    DRAINING,
    /** Gets nothing, is not checked and is not counted among the healthy. */
    MAINTENANCE
}
