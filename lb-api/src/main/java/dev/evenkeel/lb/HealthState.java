package dev.evenkeel.lb;

/** Result of the active health checks of a backend. */
public enum HealthState {
    /** Not checked, or not yet; counts as up. */
    UNKNOWN,
    /** The checks succeed. */
    UP,
    /** The checks fail: the backend gets no traffic. */
    DOWN,
    /** The checks succeed, but the backend asks for less load: it gets only calls that healthy backends cannot take. */
    DEGRADED
}
