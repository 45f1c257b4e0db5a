package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Outcome;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts of one backend for {@link XdsOutlierDetector}. Exact: calls and failures of an interval share one word. */
final class OutlierCounts {
    private static final int CALLS_SHIFT = 32;
    private static final long ONE_CALL = 1L << CALLS_SHIFT;

    private final AtomicLong interval = new AtomicLong();
    private final AtomicInteger errors = new AtomicInteger();
    private final AtomicInteger gatewayErrors = new AtomicInteger();
    private final AtomicInteger failedConnects = new AtomicInteger();

    void add(Outcome outcome) {
        if (outcome.isFailure()) {
            interval.getAndAdd(ONE_CALL + 1);
            errors.getAndIncrement();
        } else {
            interval.getAndAdd(ONE_CALL);
            end(errors);
        }
        if (outcome.isFailure() && outcome != Outcome.SERVER_ERROR) {
            gatewayErrors.getAndIncrement();
        } else {
            end(gatewayErrors);
        }
        if (outcome == Outcome.NEVER_SENT) {
            failedConnects.getAndIncrement();
        } else {
            end(failedConnects);
        }
    }

    private static void end(AtomicInteger run) {
        if (run.get() != 0) {
            run.set(0);
        }
    }

    int errorsInARow() {
        return errors.get();
    }

    int gatewayErrorsInARow() {
        return gatewayErrors.get();
    }

    int failedConnectsInARow() {
        return failedConnects.get();
    }

    /** Returns the counts of the interval and begins the next one. */
    long endInterval() {
        return interval.getAndSet(0);
    }

    static int calls(long counts) {
        return (int) (counts >>> CALLS_SHIFT);
    }

    static int failures(long counts) {
        return (int) counts;
    }

    /** Resets the counts after they have led to an ejection. */
    void forget() {
        interval.set(0);
        errors.set(0);
        gatewayErrors.set(0);
        failedConnects.set(0);
    }
}
