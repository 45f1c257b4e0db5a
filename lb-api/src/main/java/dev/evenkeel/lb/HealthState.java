package dev.evenkeel.lb;

/** What active health checks have found out about a backend. */
public enum HealthState {
    /** Not checked, or not yet; counts as up. */
    UNKNOWN,
    /** The checks succeed. */
    UP,
    /** The checks fail: the backend gets no traffic. */
    DOWN,
    /** The checks succeed, but the backend asks to be spared: it gets what the others cannot take. */
    DEGRADED
}
