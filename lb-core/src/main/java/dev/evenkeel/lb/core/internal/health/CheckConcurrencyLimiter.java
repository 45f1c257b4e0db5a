package dev.evenkeel.lb.core.internal.health;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Lets so many checks run at a time; the others begin in the order in which they came. */
final class CheckConcurrencyLimiter {
    private final int size;

    // Guarded by this.
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int taken;
    private boolean starting;

    CheckConcurrencyLimiter(int size) {
        this.size = size;
    }

    /**
     * Starts a check now or when a slot is free.
     *
     * @param check owes one {@link #leave}
     */
    void enter(Runnable check) {
        synchronized (this) {
            waiting.add(check);
        }
        startWaiting();
    }

    /** A check has ended. */
    void leave() {
        synchronized (this) {
            taken--;
        }
        startWaiting();
    }

    /** One thread starts checks at a time, in a loop: a check that ends at once must not start the next from within. */
    private void startWaiting() {
        synchronized (this) {
            if (starting) {
                return;
            }
            starting = true;
        }
        boolean finished = false;
        try {
            for (Runnable next = next(); next != null; next = next()) {
                next.run();
            }
            finished = true;
        } finally {
            if (!finished) {
                stopStarting();
            }
        }
    }

    private synchronized void stopStarting() {
        starting = false;
    }

    private synchronized @Nullable Runnable next() {
        if (taken >= size || waiting.isEmpty()) {
            starting = false;
            return null;
        }
        taken++;
        return waiting.remove();
    }
}
