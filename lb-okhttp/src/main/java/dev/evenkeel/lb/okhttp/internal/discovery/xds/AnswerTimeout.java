package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okio.AsyncTimeout;

/**
 * Cancels a call over which something does not come in time. OkHttp's read timeout cannot do that: it does not run as
 * long as the request is being written, and that of a stream is until its end.
 *
 * <p>Started and stopped by one thread.
 */
final class AnswerTimeout extends AsyncTimeout {
    private final Runnable cancel;
    private boolean running;
    private volatile boolean expired;

    AnswerTimeout(Duration duration, Runnable cancel) {
        this.cancel = cancel;
        timeout(duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    void start() {
        if (!running) {
            running = true;
            enter();
        }
    }

    void stop() {
        if (running) {
            running = false;
            exit();
        }
    }

    boolean hasExpired() {
        return expired;
    }

    @Override
    protected void timedOut() {
        expired = true;
        cancel.run();
    }
}
