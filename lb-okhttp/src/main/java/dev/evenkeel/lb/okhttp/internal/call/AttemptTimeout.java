package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import okhttp3.Connection;
import okhttp3.Interceptor.Chain;
import okhttp3.Protocol;
import okhttp3.Response;
import okio.AsyncTimeout;
import org.jspecify.annotations.Nullable;

/**
 * The attempt timeout: how long an attempt waits for its response to begin.
 *
 * <p>It shortens the chain's own timeouts. On h2 nothing else is needed: the wait for the headers is one read. On h1
 * each byte is a read, and a server that sends its headers byte by byte would restart the timeout every time; there a
 * timer closes the connection, which carries nothing else. After the headers the client's own read timeout applies
 * again.
 */
final class AttemptTimeout extends AsyncTimeout {
    private final Runnable onTimeout;
    private final @Nullable ConnectionLane lane;
    private @Nullable Connection connection;
    private boolean armed;
    private boolean running;

    private AttemptTimeout(Runnable onTimeout, @Nullable ConnectionLane lane, long timeoutNanos) {
        this.onTimeout = onTimeout;
        this.lane = lane;
        timeout(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Makes the watch of one attempt; null if the policy has no timeout for it.
     *
     * @param lane where the connection is; null if the URL is rewritten from the start
     * @param onTimeout told before the connection is closed
     */
    static @Nullable AttemptTimeout of(RetryPolicy policy, @Nullable ConnectionLane lane, Runnable onTimeout) {
        long timeoutNanos = policy.attemptTimeout().toNanos();
        return timeoutNanos == 0 ? null : new AttemptTimeout(onTimeout, lane, timeoutNanos);
    }

    /** The chain with the timeouts of an attempt. */
    static Chain bound(Chain chain, RetryPolicy policy) {
        if (policy.attemptTimeout().isZero()) {
            return chain;
        }
        int mostMillis = millis(policy);
        return chain.withConnectTimeout(shorter(chain.connectTimeoutMillis(), mostMillis), TimeUnit.MILLISECONDS)
                .withReadTimeout(shorter(chain.readTimeoutMillis(), mostMillis), TimeUnit.MILLISECONDS);
    }

    private static int millis(RetryPolicy policy) {
        return (int) Math.max(1, policy.attemptTimeout().toMillis());
    }

    private static int shorter(int ownMillis, int mostMillis) {
        return ownMillis == 0 ? mostMillis : Math.min(ownMillis, mostMillis);
    }

    /** Restores the client's own read timeout, after the response has begun. */
    static void release(Chain chain, Response response, @Nullable Connection connection) {
        int ownMillis = chain.readTimeoutMillis();
        response.body().source().timeout().timeout(ownMillis, TimeUnit.MILLISECONDS);
        if (connection != null && !isMultiplexed(connection)) {
            try {
                connection.socket().setSoTimeout(ownMillis);
            } catch (IOException e) {
                // Closed by the peer meanwhile: reading the body will fail.
            }
        }
    }

    private static boolean isMultiplexed(Connection connection) {
        Protocol protocol = connection.protocol();
        return protocol == Protocol.HTTP_2 || protocol == Protocol.H2_PRIOR_KNOWLEDGE;
    }

    /** Gets ready: a request is being written. */
    void arm() {
        armed = true;
    }

    /** Starts the timer: the request has been written. Without effect if the response has come first. */
    void start(@Nullable Connection carrying) {
        if (!armed || running || carrying == null || isMultiplexed(carrying)) {
            return;
        }
        connection = carrying;
        running = true;
        enter();
    }

    /** Stops the timer: the headers are there, or the exchange has ended. */
    void stop() {
        armed = false;
        if (running) {
            running = false;
            exit();
        }
    }

    @Override
    protected void timedOut() {
        Connection carrying = connection;
        if (carrying == null) {
            return;
        }
        onTimeout.run();
        Socket socket = carrying.socket();
        Socket steered = lane == null ? null : lane.socketUnder(socket);
        try {
            (steered == null ? socket : steered).close();
        } catch (IOException e) {
            // The connection is closed for the reader all the same.
        }
    }
}
