package dev.evenkeel.lb.core.internal.health;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Limits how many checks run at a time; further checks start in the order of their requests. */
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
     * @param check must call {@link #leave} once
     */
    void enter(Runnable check) {
        synchronized (this) {
            waiting.add(check);
        }
        startWaiting();
    }

    /** Releases the slot of a check that has ended. */
    void leave() {
        synchronized (this) {
            taken--;
        }
        startWaiting();
    }

    /**
     * Starts waiting checks on one thread at a time, in a loop: a check that ends at once must not start the next one
     * recursively.
     */
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
