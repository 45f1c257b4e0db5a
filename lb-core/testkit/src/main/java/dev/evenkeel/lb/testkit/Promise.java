package dev.evenkeel.lb.testkit;

/** What a strategy owes, whatever its algorithm. */
public enum Promise {
    /** A pool without load is shared in proportion to weight; no backend gets more than its part of a loaded one. */
    SHARES,

    /** No backend, however light, is left without its part. */
    NO_STARVATION,

    /** Fresh clients begin at backends in proportion to weight, wherever these stand in the list. */
    FIRST_PICKS,

    /** In slow start a backend gets the part of its share that its ramp has reached, within a fifth. */
    SLOW_START,

    /** A backend has its share again 30 s after a single failure, and 60 s after it was slow. */
    RECOVERY,

    /** A pause of the client itself counts against no backend: the calls that were due meanwhile are shared as usual. */
    CLIENT_PAUSES,

    /** A call is refused only if no backend may take it, and is never sent to one that may not. */
    NO_REFUSAL,

    /** The last working backend is used. */
    LAST_WORKING
}
