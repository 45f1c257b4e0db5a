package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Unavailable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong in a call so far: which attempts do not count, how many rounds there were, and why there is no further
 * attempt. Most calls have none. Used by the thread that runs the call.
 */
final class Setbacks {
    /** After so many backends that the client's configuration keeps out of reach, a call fails. */
    private static final int MAX_UNREACHABLE = 16;

    /** Attempts whose connection was refused and that do not count. */
    private int refused;
    /** Backends that the client's configuration keeps out of reach: these are not attempts, as nothing was sent. */
    private int unreachable;
    /** How often every eligible backend has been tried. */
    private int rounds;
    /** Null if that was not the reason to stop. */
    private @Nullable Unavailable noOtherBackend;
    /** Another reason why there was no further attempt; empty if there is none. */
    private String stopped = "";

    /** How many attempts do not count. */
    int uncounted() {
        return refused + unreachable;
    }

    /** Leaves a refused connection out of the count, unless so many have been left out. */
    void refused(int allowed) {
        if (refused < allowed) {
            refused++;
        }
    }

    /** Leaves a backend out of reach out of the count. Returns whether another one may be tried. */
    boolean unreachable() {
        return ++unreachable < MAX_UNREACHABLE;
    }

    /** The number of the round that begins, from 0 on. */
    int nextRound() {
        return rounds++;
    }

    void budgetUsedUp() {
        stopped = "; the retry budget is used up";
    }

    /**
     * Notes that there was no other backend.
     *
     * @param refusals the backends that the request may not be sent to; empty if there are none
     */
    void noOtherBackend(Unavailable unavailable, String refusals) {
        noOtherBackend = unavailable;
        stopped = refusals.isEmpty() ? "" : "; " + refusals;
    }

    /** The exception for the caller. */
    IOException failure(Attempt last, IOException e) {
        return CallFailure.of(last, e, noOtherBackend, stopped);
    }
}
