package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.http.ClosableSocket;
import dev.evenkeel.lb.okhttp.internal.http.ExplainedBody;
import dev.evenkeel.lb.okhttp.internal.http.TrailerAwareResponse;
import java.io.IOException;
import java.util.function.UnaryOperator;
import okhttp3.Response;
import okio.Socket;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt keeps of a response that was returned to the caller, if that is not an ordinary one: the trailers that may
 * follow, or the connection of an upgrade. It does not refer to the body that the caller got: that would hide a leak.
 */
final class ReturnedResponse {
    /**
     * A body that is known to be this long at most is not a stream. It is not wrapped, which costs a kilobyte a call; if
     * the pool closes it all the same, its reader gets OkHttp's own exception.
     */
    private static final long MAX_SHORT_BODY = 64 << 10;

    /** Null without an upgrade. */
    private final @Nullable ClosableSocket connection;

    /** Null if no trailers can follow, or not any more. */
    private @Nullable TrailerAwareResponse trailing;

    private ReturnedResponse(@Nullable ClosableSocket connection, @Nullable TrailerAwareResponse trailing) {
        this.connection = connection;
        this.trailing = trailing;
    }

    /** What there is to keep of a response; null for an ordinary one. */
    static @Nullable ReturnedResponse of(Response response) {
        Socket upgraded = response.socket();
        if (upgraded != null) {
            return new ReturnedResponse(ClosableSocket.of(response, upgraded), null);
        }
        TrailerAwareResponse trailing = TrailerAwareResponse.of(response);
        return trailing == null ? null : new ReturnedResponse(null, trailing);
    }

    /**
     * The response for the caller.
     *
     * @param kept what is kept of it
     * @param explanation makes the exception for a reader whose body is cut off
     */
    static Response forCaller(
            @Nullable ReturnedResponse kept, Response response, UnaryOperator<IOException> explanation) {
        if (kept != null && kept.connection != null) {
            return response.newBuilder().socket(kept.connection).build();
        }
        return kept == null && isShort(response) ? response : ExplainedBody.wrap(response, explanation);
    }

    private static boolean isShort(Response response) {
        long length = response.body().contentLength();
        return length >= 0 && length <= MAX_SHORT_BODY;
    }

    /** The response whose trailers are to be read, once; null if there is none. */
    @Nullable
    Response takeTrailing() {
        TrailerAwareResponse ended = trailing;
        trailing = null;
        return ended == null ? null : ended.response();
    }

    /** The connection of a WebSocket, or of another upgrade; null without one. */
    static @Nullable ClosableSocket connection(@Nullable ReturnedResponse kept) {
        return kept == null ? null : kept.connection;
    }
}
