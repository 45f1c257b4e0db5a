package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.http.HedgedTrace;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of an {@link Attempt}, and the only place where it changes. Thread-safe: of several threads that end the
 * attempt, one does. The base class of the attempt and not a part of it, because each call makes one.
 */
abstract class AttemptState {
    private static final VarHandle CURRENT = handle("current", State.class);
    private static final VarHandle END_NANOS = handle("endNanos", long.class);

    private final long startNanos;

    @SuppressWarnings("NullAway.Init") // set by the constructor
    private volatile State current;
    /** When the attempt ended; set before it ends, by the first thread that ends it. */
    @SuppressWarnings("UnusedVariable") // END_NANOS writes it
    private volatile long endNanos;

    /** The phases of an attempt; {@link Attempt} has the transitions between them. */
    enum Phase {
        /** Nothing was written; OkHttp looks for a connection or opens one. */
        CREATED,
        /** The pooled connection was found closed. What is written to it is lost; the attempt starts over. */
        STALE,
        /** A request line was written. A backend may have seen the request. */
        SENT,
        /** The response has begun, and its body has not ended. */
        BODY,
        /** The body has ended or broken off, and the response has not been returned. */
        ANSWERED,
        /** The caller has the response. The attempt ends with the body. */
        RETURNED,
        /** The same for a WebSocket or another connection that was handed over. */
        UPGRADED,
        /** A redirect led away from the backend. What follows is not the backend's. */
        LEFT,
        /** The lease is completed. */
        ENDED;

        @SuppressWarnings("ImmutableEnumChecker") // a record whose failure is null here
        private final State open = new State(this, null, null);

        /** The ends without an exception, by outcome. */
        @SuppressWarnings("ImmutableEnumChecker") // is not written to
        private final Map<Outcome, State> ends = ends();

        private Map<Outcome, State> ends() {
            Map<Outcome, State> all = new EnumMap<>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                all.put(outcome, new State(this, outcome, null));
            }
            return all;
        }

        private State ended(Outcome outcome, @Nullable Throwable failure) {
            State plain = failure == null ? ends.get(outcome) : null;
            return plain == null ? new State(this, outcome, failure) : plain;
        }
    }

    /**
     * A phase and, from the end on, how it ended.
     *
     * @param outcome null before the end
     * @param failure null if the attempt ended without an exception
     */
    record State(
            Phase phase,
            @Nullable Outcome outcome,
            @Nullable Throwable failure) {
        boolean isEnded() {
            return outcome != null;
        }

        /** Why the attempt ended, for messages and traces; empty if there is nothing to say. */
        String reason(int status, boolean sent) {
            if (failure != null) {
                return DefaultOutcomeRules.describe(failure, sent);
            }
            if (status != 0) {
                return "HTTP " + status;
            }
            return outcome == Outcome.DISCARDED ? "answered by the cache" : "";
        }

        boolean isReturned() {
            return phase == Phase.RETURNED || phase == Phase.UPGRADED;
        }
    }

    AttemptState(long startNanos) {
        this.startNanos = startNanos;
        // Plain: no other thread has the attempt yet.
        CURRENT.set(this, Phase.CREATED.open);
    }

    final State now() {
        return current;
    }

    final Phase phase() {
        return current.phase;
    }

    final boolean is(Phase phase) {
        return current.phase == phase;
    }

    final boolean isFinished() {
        return current.isEnded();
    }

    /** Whether a redirect has led away from the backend. */
    final boolean hasLeft() {
        return is(Phase.LEFT);
    }

    /** Why the attempt has failed; null if it has not. */
    final @Nullable Throwable failure() {
        return current.failure;
    }

    /** When the attempt began, by {@link System#nanoTime}. */
    public final long startNanos() {
        return startNanos;
    }

    /** When the attempt ended; 0 before. */
    final long endNanos() {
        return endNanos;
    }

    /** The attempt for a trace: how long it took, or has taken so far. */
    final HedgedTrace.Made made(Backend backend, String reason, boolean hedge) {
        State seen = current;
        long untilNanos = seen.isEnded() ? endNanos : System.nanoTime();
        Duration duration = Duration.ofNanos(Math.max(0, untilNanos - startNanos));
        return new HedgedTrace.Made(
                startNanos, new CallTrace.AttemptTrace(backend, seen.outcome, duration, reason, hedge));
    }

    /** Goes on from one of certain phases to another, both of them before the end. Returns whether it did. */
    final boolean goOn(Set<Phase> from, Phase to) {
        State seen = current;
        return from.contains(seen.phase) && transition(seen, to.open);
    }

    /** Goes on from one phase to another, both of them before the end. Returns whether it did. */
    final boolean goOn(Phase from, Phase to) {
        return transition(from.open, to.open);
    }

    /** Ends the attempt from any phase before the end. Returns whether it did: the caller completes the lease then. */
    final boolean goToEnd(Phase to, Outcome outcome, @Nullable Throwable failure) {
        State seen = current;
        if (seen.isEnded()) {
            return false;
        }
        if (endNanos == 0) {
            // Published by the transition. Of two threads that end it at once, either's time will do.
            END_NANOS.setOpaque(this, System.nanoTime());
        }
        State ended = to.ended(outcome, failure);
        do {
            if (transition(seen, ended)) {
                return true;
            }
            seen = current;
        } while (!seen.isEnded());
        return false;
    }

    /** Notes that what follows the end is not the backend's. */
    final void leave() {
        State seen = current;
        if (seen.phase == Phase.ENDED && seen.outcome != null) {
            transition(seen, Phase.LEFT.ended(seen.outcome, seen.failure));
        }
    }

    private boolean transition(State seen, State next) {
        return CURRENT.compareAndSet(this, seen, next);
    }

    private static VarHandle handle(String field, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(AttemptState.class, field, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
