package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Copy-on-write list of the pool's {@link AttemptObserver}s. Without an observer it costs a call one volatile read. */
final class AttemptObservers {
    private static final AttemptObserver[] NONE = {};

    private volatile AttemptObserver[] all = NONE;
    private final PoolLog log;
    private volatile boolean complained;

    AttemptObservers(PoolLog log) {
        this.log = log;
    }

    synchronized void add(AttemptObserver observer) {
        List<AttemptObserver> more = new ArrayList<>(List.of(all));
        more.add(observer);
        all = more.toArray(NONE);
    }

    synchronized void remove(AttemptObserver observer) {
        List<AttemptObserver> fewer = new ArrayList<>(List.of(all));
        fewer.remove(observer);
        all = fewer.toArray(NONE);
    }

    boolean isEmpty() {
        return all.length == 0;
    }

    /** Notifies the observers. The kind comes from the request's own code, whose failures count as an observer's. */
    void attemptStarted(Backend backend, Supplier<AttemptKind> kind) {
        tell(all, observer -> observer.attemptStarted(backend, kind.get()));
    }

    void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
        AttemptObserver[] present = all;
        if (present.length != 0) {
            tell(present, observer -> observer.attemptEnded(backend, outcome, latencyNanos));
        }
    }

    void callEnded(CallOutcome outcome, long durationNanos) {
        AttemptObserver[] present = all;
        if (present.length != 0) {
            tell(present, observer -> observer.callEnded(outcome, durationNanos));
        }
    }

    private void tell(AttemptObserver[] present, Consumer<AttemptObserver> what) {
        Throwable fatal = null;
        for (AttemptObserver observer : present) {
            try {
                what.accept(observer);
            } catch (RuntimeException | Error e) {
                failed(e);
                fatal = fatal == null && Containment.isFatal(e) ? e : fatal;
            }
        }
        if (fatal != null) {
            Containment.rethrowFatal(fatal);
        }
    }

    /** Logs the first failure of an observer, or of the code of a request that says what is observed, and counts each. */
    void failed(Throwable e) {
        if (!complained) {
            complained = true;
            log.fault(e, () -> "an observer of attempts failed; this is told only once");
        } else {
            log.countFault();
        }
    }
}
