package dev.evenkeel.lb.examples.quickstart;

import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Callers, each of which makes one call after the other. */
final class Traffic {

    /** What a response must be like, beyond a status below 400. */
    interface Check {
        Check NONE = (response, backend) -> null;

        /** Null if all is well, else what is wrong. */
        @Nullable
        String fault(Response response, String backend);
    }

    private final Call.Factory client;
    private final Request request;
    private final Check check;
    private final Tally tally;
    private final AtomicLong left;
    private final CountDownLatch callers;

    private Traffic(Call.Factory client, Request request, Check check, Tally tally, int callers, long calls) {
        this.client = client;
        this.request = request;
        this.check = check;
        this.tally = tally;
        this.left = new AtomicLong(calls);
        this.callers = new CountDownLatch(callers);
    }

    /** Starts the callers. */
    static Traffic start(Call.Factory client, Request request, Check check, Tally tally, int callers, long calls) {
        Traffic traffic = new Traffic(client, request, check, tally, callers, calls);
        for (int i = 1; i <= callers; i++) {
            Thread caller = new Thread(traffic::callOften, "caller-" + i);
            caller.setDaemon(true);
            caller.start();
        }
        return traffic;
    }

    /** Makes no more calls; those under way end as they end. */
    void stop() {
        left.set(0);
    }

    /** Waits for the last call; false if there still are some then. */
    boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        return callers.await(timeout, unit);
    }

    private void callOften() {
        try {
            while (left.getAndDecrement() > 0) {
                call();
            }
        } finally {
            callers.countDown();
        }
    }

    private void call() {
        tally.sent();
        try (Response response = client.newCall(request).execute()) {
            response.body().byteStream().transferTo(OutputStream.nullOutputStream());
            String backend = backend(response);
            String fault = response.code() >= 400 ? "HTTP " + response.code() : check.fault(response, backend);
            if (fault != null) {
                tally.failed(fault);
            } else {
                tally.answered(backend, response.protocol().toString());
            }
        } catch (IOException e) {
            tally.failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // A fault of the program, but a caller that dies of it would leave a call uncounted.
            tally.failed(e.toString());
        }
    }

    private static String backend(Response response) {
        List<CallTrace.AttemptTrace> attempts =
                LoadBalancing.trace(response).map(CallTrace::attempts).orElse(List.of());
        return attempts.isEmpty()
                ? "no pool's"
                : attempts.get(attempts.size() - 1).backend().id();
    }
}
