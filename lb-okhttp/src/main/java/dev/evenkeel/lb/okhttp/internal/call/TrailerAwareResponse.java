package dev.evenkeel.lb.okhttp.internal.call;

import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.ForwardingSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * A response that has been handed out, for the trailers that may follow its body. OkHttp's access to trailers holds the
 * body, and whoever holds the body cannot see that it was dropped ({@link ResponseLeakDetector}); so what the caller gets is another
 * body around it.
 */
final class TrailerAwareResponse {
    private final Response response;

    private TrailerAwareResponse(Response response) {
        this.response = response;
    }

    /** Null if no trailers can follow: with HTTP/1.1 they are a part of the chunked coding. */
    static @Nullable TrailerAwareResponse of(Response response) {
        boolean http2 = response.protocol() == Protocol.HTTP_2 || response.protocol() == Protocol.H2_PRIOR_KNOWLEDGE;
        return http2 || response.header("Transfer-Encoding") != null ? new TrailerAwareResponse(response) : null;
    }

    /** The response for the caller. */
    Response wrapped() {
        ResponseBody body = response.body();
        return response.newBuilder()
                .body(ResponseBody.create(
                        Okio.buffer(new ForwardingSource(body.source()) {}), body.contentType(), body.contentLength()))
                .build();
    }

    Response response() {
        return response;
    }

    /** Empty if there are none, if the body was not read to its end, or if it broke off. Does no I/O. */
    static Headers trailers(Response response) {
        try {
            Headers trailers = response.peekTrailers();
            return trailers == null ? Headers.EMPTY : trailers;
        } catch (IOException | RuntimeException e) {
            // OkHttp's way to say that the body was closed before its end.
            return Headers.EMPTY;
        }
    }
}
