package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts a backend's calls by outcome, except successes. */
final class OutcomeCounts {
    static final OutcomeCounts NONE = new OutcomeCounts();

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[Outcome.values().length];

    @SuppressWarnings("EnumOrdinal") // An index into the counts, never stored.
    void count(Outcome outcome) {
        COUNT.getAndAdd(counts, outcome.ordinal(), 1L);
    }

    @SuppressWarnings("EnumOrdinal") // As above.
    void restore(BackendSummary former) {
        for (Outcome outcome : Outcome.values()) {
            COUNT.setVolatile(counts, outcome.ordinal(), former.counted(outcome));
        }
    }

    @SuppressWarnings("EnumOrdinal") // As above.
    long counted(Outcome outcome) {
        return (long) COUNT.getVolatile(counts, outcome.ordinal());
    }
}
