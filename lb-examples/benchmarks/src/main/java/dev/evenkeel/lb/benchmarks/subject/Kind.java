package dev.evenkeel.lb.benchmarks.subject;

/** What can be compared: the entries of one kind do the same work, as far as their owners define it alike. */
public enum Kind {
    /** One after the other, blind to weights. */
    ROTATION,
    /** In proportion to weights that are configured or reported: 1 to 8, in turn. */
    WEIGHTED,
    /** At random. */
    RANDOM,
    /** One key, one backend. */
    HASH,
    /** By calls in flight. */
    LOAD,
    /** By latency, errors or reported load. */
    LATENCY,
    /** What no peer has. */
    OTHER
}
