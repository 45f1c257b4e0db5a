package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.okhttp.internal.http.ClosableSocket;
import dev.evenkeel.lb.okhttp.internal.http.ExplainedBody;
import dev.evenkeel.lb.okhttp.internal.http.ResponseLeakDetector;
import dev.evenkeel.lb.okhttp.internal.http.TrailerAwareResponse;
import java.io.IOException;
import java.util.function.UnaryOperator;
import okhttp3.Response;
import okio.Socket;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt keeps of a response that was returned to the caller: the trailers that may follow, the detector of a
 * leak, and the connection of an upgrade. It does not refer to the body that the caller got: that would hide a leak.
 */
final class ReturnedResponse {
    /**
     * A body that is known to be this long at most is not a stream. It is not wrapped, which costs a kilobyte a call; if
     * the pool closes it all the same, its reader gets OkHttp's own exception.
     */
    private static final long MAX_SHORT_BODY = 64 << 10;

    /** Null for an ordinary response. */
    private final @Nullable ClosableSocket connection;

    /** Null if no trailers can follow, or not any more. */
    private @Nullable TrailerAwareResponse trailing;

    private volatile @Nullable ResponseLeakDetector leakDetector;

    ReturnedResponse(Response response) {
        Socket upgraded = response.socket();
        this.connection = upgraded == null ? null : ClosableSocket.of(response, upgraded);
        this.trailing = upgraded == null ? TrailerAwareResponse.of(response) : null;
    }

    /**
     * The response for the caller.
     *
     * @param explanation makes the exception for a reader whose body is cut off
     */
    Response forCaller(Response response, UnaryOperator<IOException> explanation) {
        if (connection != null) {
            return response.newBuilder().socket(connection).build();
        }
        return trailing == null && isShort(response) ? response : ExplainedBody.wrap(response, explanation);
    }

    private static boolean isShort(Response response) {
        long length = response.body().contentLength();
        return length >= 0 && length <= MAX_SHORT_BODY;
    }

    /** Watches the body for a leak. */
    void watch(Response forCaller, ResponseLeakDetector.Watched attempt) {
        leakDetector = ResponseLeakDetector.watch(forCaller, attempt);
    }

    /** Ends the watch. */
    void unwatch() {
        ResponseLeakDetector watching = leakDetector;
        if (watching != null) {
            watching.remove();
        }
    }

    /** The response whose trailers are to be read, once; null if there is none. */
    @Nullable
    Response takeTrailing() {
        TrailerAwareResponse ended = trailing;
        trailing = null;
        return ended == null ? null : ended.response();
    }

    /** The connection of a WebSocket, or of another upgrade; null for an ordinary response. */
    @Nullable
    ClosableSocket connection() {
        return connection;
    }

    /** Why the pool has begun to close the connection; null if it has not. */
    @Nullable
    StreamClosedException closedBy() {
        return connection == null ? null : connection.closedBy();
    }
}
