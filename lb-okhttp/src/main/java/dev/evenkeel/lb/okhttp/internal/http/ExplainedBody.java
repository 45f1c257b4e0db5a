package dev.evenkeel.lb.okhttp.internal.http;

import java.io.IOException;
import java.util.function.UnaryOperator;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;

/** The body of a response whose reader gets another exception than OkHttp's: the one that says why it was cut off. */
public final class ExplainedBody extends ForwardingSource {
    private final UnaryOperator<IOException> explanation;

    private ExplainedBody(Source body, UnaryOperator<IOException> explanation) {
        super(body);
        this.explanation = explanation;
    }

    /**
     * The response with such a body. The body is a new object, which a detector of leaks can watch: OkHttp's own access
     * to trailers holds the original.
     *
     * @param explanation makes the exception that the reader gets; returns OkHttp's own if there is nothing to explain
     */
    public static Response wrap(Response response, UnaryOperator<IOException> explanation) {
        ResponseBody body = response.body();
        return response.newBuilder()
                .body(ResponseBody.create(
                        Okio.buffer(new ExplainedBody(body.source(), explanation)),
                        body.contentType(),
                        body.contentLength()))
                .build();
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
        try {
            return super.read(sink, byteCount);
        } catch (IOException e) {
            throw explanation.apply(e);
        }
    }
}
