package dev.evenkeel.lb.examples.failures;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Makes calls at even times, whether or not those before have ended (open loop), until it is closed. */
final class Traffic implements AutoCloseable {

    /**
     * A call that has ended.
     *
     * @param request what was asked
     * @param endNanos when it ended, by {@link System#nanoTime()}
     * @param servedBy which server answered; null if none did
     * @param failure why it failed; null if it did not
     */
    record Ended(
            Request request,
            long endNanos,
            @Nullable String servedBy,
            @Nullable String failure) {}

    private final OkHttpClient client;
    private final LongFunction<Request> requests;
    private final long gapNanos;
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
    private final ExecutorService callers = Executors.newCachedThreadPool(task -> daemon(task, "caller"));
    private final Thread clock;
    private volatile boolean closing;
    private volatile long made;

    private Traffic(OkHttpClient client, int perSecond, LongFunction<Request> requests) {
        this.client = client;
        this.requests = requests;
        this.gapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.clock = daemon(this::run, "clock");
    }

    /**
     * Begins.
     *
     * @param requests the n-th request, from 0
     */
    static Traffic start(OkHttpClient client, int perSecond, LongFunction<Request> requests) {
        Traffic traffic = new Traffic(client, perSecond, requests);
        traffic.clock.start();
        return traffic;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void run() {
        long start = System.nanoTime();
        long number = 0;
        while (!closing) {
            long due = start + number * gapNanos;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            Request request = requests.apply(number++);
            callers.execute(() -> call(request));
            made = number;
        }
    }

    private void call(Request request) {
        Call call = client.newCall(request);
        String servedBy = null;
        String failure = null;
        try (Response response = call.execute()) {
            servedBy = response.header("Served-By");
            response.body().bytes();
            if (!response.isSuccessful()) {
                failure = "HTTP " + response.code() + " of " + servedBy;
            }
        } catch (IOException e) {
            failure = e.toString();
        }
        ended.add(new Ended(request, System.nanoTime(), servedBy, failure));
    }

    long made() {
        return made;
    }

    /** The calls that have ended so far, in the order of their ends. */
    List<Ended> ended() {
        return List.copyOf(ended);
    }

    List<Ended> failed() {
        return ended.stream().filter(call -> call.failure != null).toList();
    }

    /** Makes no further call, and waits for those under way. */
    @Override
    public void close() {
        closing = true;
        try {
            clock.join();
            callers.shutdown();
            if (!callers.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("calls did not end within a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
