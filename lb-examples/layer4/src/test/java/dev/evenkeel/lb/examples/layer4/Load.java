package dev.evenkeel.lb.examples.layer4;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that repeat one operation, which says who answered, until they are told to stop. */
final class Load implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, AtomicLong> answers = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong longestNanos = new AtomicLong();
    private volatile boolean stopped;

    Load(int count, Callable<String> operation) {
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> repeat(operation), "load-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void repeat(Callable<String> operation) {
        while (!stopped) {
            long startNanos = System.nanoTime();
            try {
                answers.computeIfAbsent(operation.call(), name -> new AtomicLong())
                        .incrementAndGet();
            } catch (Exception e) {
                failures.add(e);
            }
            longestNanos.accumulateAndGet(System.nanoTime() - startNanos, Math::max);
        }
    }

    long answers(String name) {
        AtomicLong count = answers.get(name);
        return count == null ? 0 : count.get();
    }

    List<Exception> failures() {
        return List.copyOf(failures);
    }

    long longestMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longestNanos.get());
    }

    /** Stops all threads; an operation that hangs keeps its thread alive. */
    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join(60_000);
            if (thread.isAlive()) {
                throw new AssertionError(thread.getName() + " hangs: " + List.of(thread.getStackTrace()));
            }
        }
    }
}
