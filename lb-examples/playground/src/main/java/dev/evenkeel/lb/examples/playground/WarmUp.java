package dev.evenkeel.lb.examples.playground;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Calls the servers for a second or two with clients of its own. The first calls of a process take many times as long as all
 * later ones, and the pools would hold that against the servers that had them.
 */
final class WarmUp {
    private static final int CALLERS = 8;
    private static final int CALLS = 200;

    private WarmUp() {}

    static void call(List<Pair> pairs) throws IOException {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        PoolSettings settings = new PoolSettings("roundRobin", 1, 0);
        ClientPauses none = new ClientPauses();
        try (Side left = new Side(0, pairs, settings, none);
                Side right = new Side(1, pairs, settings, none)) {
            Callable<Boolean> calls = () -> {
                left.call(0, System.nanoTime());
                right.call(0, System.nanoTime());
                return true;
            };
            callers.invokeAll(Collections.nCopies(CALLS, calls));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the servers were warmed up");
        } finally {
            callers.shutdownNow();
        }
    }
}
