package dev.evenkeel.lb.okhttp.internal.http;

import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * A response that was returned to the caller and whose body may be followed by trailers. OkHttp's access to trailers
 * holds the body, so the detector of leaked responses could not see that the body was dropped; the caller gets an {@link
 * ExplainedBody} around it instead.
 */
public final class TrailerAwareResponse {
    private final Response response;

    private TrailerAwareResponse(Response response) {
        this.response = response;
    }

    /** Keeps a response; null if no trailers can follow: HTTP/1.1 has them in chunked coding only. */
    public static @Nullable TrailerAwareResponse of(Response response) {
        boolean http2 = response.protocol() == Protocol.HTTP_2 || response.protocol() == Protocol.H2_PRIOR_KNOWLEDGE;
        return http2 || response.header("Transfer-Encoding") != null ? new TrailerAwareResponse(response) : null;
    }

    public Response response() {
        return response;
    }

    /** Returns the trailers; empty if there are none or the body was not read to its end. Does no I/O. */
    public static Headers trailers(Response response) {
        try {
            Headers trailers = response.peekTrailers();
            return trailers == null ? Headers.EMPTY : trailers;
        } catch (IOException | RuntimeException e) {
            // OkHttp throws this if the body was closed before its end.
            return Headers.EMPTY;
        }
    }
}
