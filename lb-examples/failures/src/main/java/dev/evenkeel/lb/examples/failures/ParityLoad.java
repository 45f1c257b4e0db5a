package dev.evenkeel.lb.examples.failures;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * A fixed number of calls by a fixed number of threads.
 *
 * @param threads that call
 * @param rounds the calls of each thread
 * @param together whether a round begins when all threads have ended the one before, and a pause after it
 * @param minPauseMillis the shortest pause
 * @param maxPauseMillis the longest pause
 */
record ParityLoad(int threads, int rounds, boolean together, int minPauseMillis, int maxPauseMillis) {
    private static final long TICK_NANOS = 200_000;

    /** Each thread makes one call after the other. */
    static ParityLoad steady(int threads, int rounds) {
        return new ParityLoad(threads, rounds, false, 0, 0);
    }

    /** All threads call at once, then all pause. */
    static ParityLoad bursts(int width, int rounds, int minPauseMillis, int maxPauseMillis) {
        return new ParityLoad(width, rounds, true, minPauseMillis, maxPauseMillis);
    }

    int calls() {
        return threads * rounds;
    }

    /**
     * Makes the calls.
     *
     * @param seed of the pauses
     * @param requests the n-th request, from 0
     * @param interruptions what happens at even distances in between, on this thread
     * @return why calls failed, one text for each
     */
    List<String> run(OkHttpClient client, int seed, IntFunction<Request> requests, List<Runnable> interruptions) {
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Random random = new Random(seed);
        CyclicBarrier barrier = new CyclicBarrier(
                threads,
                () -> FaultTable.pause(
                        Duration.ofMillis(minPauseMillis + random.nextInt(maxPauseMillis - minPauseMillis + 1))));
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread caller = new Thread(
                    () -> {
                        for (int round = 0; round < rounds; round++) {
                            try {
                                call(client, requests.apply(begun.getAndIncrement()), failures);
                            } finally {
                                ended.incrementAndGet();
                            }
                            if (together) {
                                await(barrier);
                            }
                        }
                    },
                    "caller");
            caller.setDaemon(true);
            callers.add(caller);
            caller.start();
        }
        for (int i = 0; i < interruptions.size(); i++) {
            while (ended.get() < (i + 1) * calls() / (interruptions.size() + 1)) {
                LockSupport.parkNanos(TICK_NANOS);
            }
            interruptions.get(i).run();
        }
        callers.forEach(ParityLoad::join);
        return List.copyOf(failures);
    }

    private static void call(OkHttpClient client, Request request, Queue<String> failures) {
        try (Response response = client.newCall(request).execute()) {
            response.body().bytes();
            if (!response.isSuccessful()) {
                failures.add("HTTP " + response.code());
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e.toString().replaceAll("127\\.0\\.0\\.1[:/]?\\d*", "server"));
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
