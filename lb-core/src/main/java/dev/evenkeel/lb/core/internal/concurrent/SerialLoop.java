package dev.evenkeel.lb.core.internal.concurrent;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a body on one thread at a time. A thread that finds another one running it leaves its request to that thread, which
 * runs the body once more. Thread-safe, without a lock.
 */
public final class SerialLoop {
    private final AtomicInteger requests = new AtomicInteger();

    /**
     * Runs the body now, or has the thread run its own that is in here.
     *
     * @param body takes all that is new, and may find nothing. What it throws first is thrown when no request is left
     */
    public void run(Runnable body) {
        if (requests.getAndIncrement() != 0) {
            return;
        }
        boolean finished = false;
        Throwable failure = null;
        try {
            int seen = 1;
            do {
                Throwable thrown = runOnce(body);
                failure = failure == null ? thrown : failure;
                seen = requests.addAndGet(-seen);
            } while (seen != 0);
            finished = true;
        } finally {
            if (!finished) {
                // Even if the stack is too full to go on, the next request must be possible.
                requests.set(0);
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private static @Nullable Throwable runOnce(Runnable body) {
        try {
            body.run();
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        }
    }
}
