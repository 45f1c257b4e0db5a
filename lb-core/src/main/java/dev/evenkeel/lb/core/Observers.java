package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.event.AttemptObserver;
import java.util.ArrayList;
import java.util.List;

/** Who hears of attempts: nobody, mostly, which costs one read. */
final class Observers {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    private static final AttemptObserver[] NOBODY = {};

    private volatile AttemptObserver[] all = NOBODY;
    private volatile boolean complained;

    synchronized void add(AttemptObserver observer) {
        List<AttemptObserver> more = new ArrayList<>(List.of(all));
        more.add(observer);
        all = more.toArray(NOBODY);
    }

    synchronized void remove(AttemptObserver observer) {
        List<AttemptObserver> fewer = new ArrayList<>(List.of(all));
        fewer.remove(observer);
        all = fewer.toArray(NOBODY);
    }

    void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
        AttemptObserver[] present = all;
        if (present.length != 0) {
            tell(present, backend, outcome, latencyNanos);
        }
    }

    private void tell(AttemptObserver[] present, Backend backend, Outcome outcome, long latencyNanos) {
        for (AttemptObserver observer : present) {
            try {
                observer.attemptEnded(backend, outcome, latencyNanos);
            } catch (RuntimeException e) {
                if (!complained) {
                    complained = true;
                    LOG.log(System.Logger.Level.WARNING, "an observer of attempts threw; it is not logged again", e);
                }
            }
        }
    }
}
