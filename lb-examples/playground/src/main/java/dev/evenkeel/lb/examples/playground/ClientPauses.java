package dev.evenkeel.lb.examples.playground;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Pauses of the clients, as if a garbage collection stopped their threads: no call begins, no response is seen, no check
 * begins. The servers go on. Thread-safe.
 */
final class ClientPauses {
    static final Duration LENGTH = Duration.ofMillis(100);
    static final Duration INTERVAL = Duration.ofSeconds(5);

    private volatile long endNanos = System.nanoTime();

    /** Stops all clients from now on for {@link #LENGTH}. */
    void pause() {
        endNanos = System.nanoTime() + LENGTH.toNanos();
    }

    /** Returns when no pause is under way. What a thread of a client does next, it does after this. */
    void await() {
        for (long left = endNanos - System.nanoTime(); left > 0; left = endNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
