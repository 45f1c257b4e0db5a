package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.event.AttemptObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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

    void attemptStarted(PoolLease lease) {
        AttemptObserver[] present = all;
        if (present.length != 0) {
            tell(present, observer -> observer.attemptStarted(lease.backend(), lease.kind()));
        }
    }

    void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
        AttemptObserver[] present = all;
        if (present.length != 0) {
            tell(present, observer -> observer.attemptEnded(backend, outcome, latencyNanos));
        }
    }

    private void tell(AttemptObserver[] present, Consumer<AttemptObserver> what) {
        for (AttemptObserver observer : present) {
            try {
                what.accept(observer);
            } catch (RuntimeException e) {
                if (!complained) {
                    complained = true;
                    LOG.log(System.Logger.Level.WARNING, "an observer of attempts threw; it is not logged again", e);
                }
            }
        }
    }
}
