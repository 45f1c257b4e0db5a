package dev.evenkeel.lb.benchmarks.subject;

/** How much of a call is measured. */
public enum Mode {
    /** The choice alone. */
    PICK,
    /** The choice and the end of the call, with whatever the library counts in between; nothing else is in flight. */
    CALL,
    /** As {@link #CALL}, with {@value Requests#HELD} other calls of each thread in flight. */
    BUSY
}
