package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts a backend's calls by outcome, except successes, and its retries. */
final class OutcomeCounts {
    private static final int RETRIES = Outcome.values().length;

    static final OutcomeCounts NONE = new OutcomeCounts();

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[RETRIES + 1];

    @SuppressWarnings("EnumOrdinal") // An index into the counts, never stored.
    void count(Outcome outcome) {
        COUNT.getAndAdd(counts, outcome.ordinal(), 1L);
    }

    void countRetry() {
        COUNT.getAndAdd(counts, RETRIES, 1L);
    }

    long retries() {
        return (long) COUNT.getVolatile(counts, RETRIES);
    }

    @SuppressWarnings("EnumOrdinal") // As above.
    void restore(BackendSummary former) {
        for (Outcome outcome : Outcome.values()) {
            COUNT.setVolatile(counts, outcome.ordinal(), former.counted(outcome));
        }
        COUNT.setVolatile(counts, RETRIES, former.incidents.retries());
    }

    @SuppressWarnings("EnumOrdinal") // As above.
    long counted(Outcome outcome) {
        return (long) COUNT.getVolatile(counts, outcome.ordinal());
    }
}
