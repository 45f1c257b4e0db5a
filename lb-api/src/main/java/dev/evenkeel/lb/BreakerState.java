package dev.evenkeel.lb;

/** The state of a backend's circuit breaker. */
public enum BreakerState {
    /** Calls pass. */
    CLOSED,
    /** Calls are refused until a wait is over. */
    OPEN,
    /** A few trial calls pass; their outcome closes or opens the breaker. */
    HALF_OPEN
}
