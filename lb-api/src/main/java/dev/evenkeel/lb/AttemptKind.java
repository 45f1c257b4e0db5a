package dev.evenkeel.lb;

/** Which request of a call an attempt is. */
public enum AttemptKind {
    /** The first of the call. */
    FIRST,
    /** A further one, after a failure. */
    RETRY,
    /** A second one beside the first, which takes long. */
    HEDGE
}
