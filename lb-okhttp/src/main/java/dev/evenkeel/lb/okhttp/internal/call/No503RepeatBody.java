package dev.evenkeel.lb.okhttp.internal.call;

import java.io.IOException;
import java.util.function.IntSupplier;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A request body that is one-shot after a 503. OkHttp sends a request again to the same backend if a 503 has
 * {@code Retry-After: 0}, whatever the method; a one-shot body is the only way for an application interceptor to
 * prevent it. For redirects and authenticators the body is unchanged.
 */
final class No503RepeatBody extends RequestBody {
    private static final int UNAVAILABLE = 503;

    private final RequestBody body;
    private final IntSupplier lastStatus;

    private No503RepeatBody(RequestBody body, IntSupplier lastStatus) {
        this.body = body;
        this.lastStatus = lastStatus;
    }

    /**
     * Wraps the body of an attempt's request.
     *
     * @param lastStatus the status of the attempt's last response, or 0
     */
    static Request.Builder guard(Request request, IntSupplier lastStatus) {
        Request.Builder wire = request.newBuilder();
        RequestBody body = request.body();
        return body == null || !AttemptFailure.isReplayable(request)
                ? wire
                : wire.method(request.method(), new No503RepeatBody(body, lastStatus));
    }

    /** Puts the application's body back into the request of a response. */
    static Response unguard(Response response) {
        Request request = response.request();
        return request.body() instanceof No503RepeatBody guarded
                ? response.newBuilder()
                        .request(request.newBuilder()
                                .method(request.method(), guarded.body)
                                .build())
                        .build()
                : response;
    }

    @Override
    public boolean isOneShot() {
        return lastStatus.getAsInt() == UNAVAILABLE;
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
