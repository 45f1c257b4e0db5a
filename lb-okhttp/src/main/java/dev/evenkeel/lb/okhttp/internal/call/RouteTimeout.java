package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.http.ExplainedBody;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Call;
import okhttp3.Response;
import okio.AsyncTimeout;

/**
 * The timeout of a whole call on its route. OkHttp's call timeout starts before the route is known, and an interceptor
 * cannot change it; so this one cancels the call, as OkHttp's does, and reports the reason. Timed by Okio's watchdog.
 */
final class RouteTimeout extends AsyncTimeout {
    private final Call call;
    private final String route;
    private final Duration limit;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean expired;

    RouteTimeout(Call call, String route, Duration limit, long leftNanos) {
        this.call = call;
        this.route = route;
        this.limit = limit;
        timeout(leftNanos, TimeUnit.NANOSECONDS);
    }

    void start() {
        running.set(true);
        enter();
    }

    /** Stops the timeout: the call has ended, or became a WebSocket. Any thread may call it, repeatedly. */
    void stop() {
        if (running.compareAndSet(true, false)) {
            exit();
        }
    }

    boolean isExpired() {
        return expired;
    }

    @Override
    protected void timedOut() {
        expired = true;
        call.cancel();
    }

    InterruptedIOException exception(IOException cause) {
        InterruptedIOException timeout = new InterruptedIOException(
                "timeout: route \"" + route + "\" allows " + limit.toMillis() + " ms for a call");
        timeout.initCause(cause);
        return timeout;
    }

    /** Returns the response with a body that reports this timeout if it cuts the body off. */
    Response watch(Response response) {
        if (response.socket() != null) {
            stop();
            return response;
        }
        return ExplainedBody.wrap(response, e -> expired ? exception(e) : e);
    }
}
