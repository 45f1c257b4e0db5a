package dev.evenkeel.lb.okhttp.internal.http;

import java.io.IOException;
import java.util.function.IntSupplier;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A request body that OkHttp sends once: it is one-shot until there is a response, and after a 503 or a 408.
 *
 * <p>OkHttp repeats a request that a connection lost, to each address of the host, and one that is answered with a 408, or
 * a 503 with {@code Retry-After: 0}, whatever the method. A one-shot body is the only way for an application interceptor
 * to prevent it. For redirects and authenticators the body is unchanged.
 */
public final class SingleSendBody extends RequestBody {
    private static final int NO_RESPONSE = 0;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int UNAVAILABLE = 503;

    private final RequestBody body;
    private final IntSupplier status;

    private SingleSendBody(RequestBody body, IntSupplier status) {
        this.body = body;
        this.status = status;
    }

    /**
     * Wraps the body of an attempt's request.
     *
     * @param wire made from the request
     * @param status the status of the response to the last request on the wire, or 0
     */
    public static void guard(Request.Builder wire, Request request, IntSupplier status) {
        RequestBody body = request.body();
        if (body != null) {
            wire.method(request.method(), new SingleSendBody(body, status));
        }
    }

    /** Puts the application's body back into the request of a response. */
    public static Response unguard(Response response) {
        Request request = response.request();
        return request.body() instanceof SingleSendBody guarded
                ? response.newBuilder()
                        .request(request.newBuilder()
                                .method(request.method(), guarded.body)
                                .build())
                        .build()
                : response;
    }

    @Override
    public boolean isOneShot() {
        int last = status.getAsInt();
        return last == NO_RESPONSE || last == REQUEST_TIMEOUT || last == UNAVAILABLE;
    }

    @Override
    public @Nullable MediaType contentType() {
        return body.contentType();
    }

    @Override
    public long contentLength() throws IOException {
        return body.contentLength();
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        body.writeTo(sink);
    }
}
