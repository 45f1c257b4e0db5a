package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A route's timeouts; each is 1 ms to 24 hours, and null leaves the client's as it is.
 *
 * @param connect to connect
 * @param read between two reads
 * @param write between two writes
 * @param overall from the moment when the pool is given the request to the end of the response's body: all attempts,
 *     redirects and waits together. A WebSocket has until its handshake is done. A call that takes longer is cancelled
 *     and fails with an {@link java.io.InterruptedIOException}. The client's call timeout holds, too
 */
public record RouteTimeouts(
        @Nullable Duration connect,
        @Nullable Duration read,
        @Nullable Duration write,
        @Nullable Duration overall) {
    /** The client's. */
    public static final RouteTimeouts CLIENTS = new RouteTimeouts(null, null, null, null);

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public RouteTimeouts {
        check(connect, "connectTimeout");
        check(read, "readTimeout");
        check(write, "writeTimeout");
        check(overall, "timeout");
    }

    private static void check(@Nullable Duration value, String what) {
        if (value != null) {
            Preconditions.duration(value, what);
        }
    }
}
