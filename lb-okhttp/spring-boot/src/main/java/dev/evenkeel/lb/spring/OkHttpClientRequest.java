package dev.evenkeel.lb.spring;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;

/** One request of Spring's, sent as a call of OkHttp's. Not thread-safe. */
final class OkHttpClientRequest implements ClientHttpRequest, StreamingHttpOutputMessage {
    /** OkHttp refuses these without a body, which may be empty. */
    private static final Set<HttpMethod> NEED_BODY = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

    private final Call.Factory calls;
    private final URI uri;
    private final HttpMethod method;
    private final HttpHeaders headers = new HttpHeaders();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private @Nullable Body streamed;

    OkHttpClientRequest(Call.Factory calls, URI uri, HttpMethod method) {
        this.calls = calls;
        this.uri = uri;
        this.method = method;
    }

    @Override
    public HttpMethod getMethod() {
        return method;
    }

    @Override
    public URI getURI() {
        return uri;
    }

    @Override
    public Map<String, Object> getAttributes() {
        return attributes;
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    @Override
    public OutputStream getBody() {
        return written;
    }

    @Override
    public void setBody(Body body) {
        streamed = body;
    }

    @Override
    public ClientHttpResponse execute() throws IOException {
        Request.Builder request = new Request.Builder().url(uri.toString()).method(method.name(), body());
        headers.forEach((name, values) ->
                values.forEach(value -> request.addHeader(name, Objects.requireNonNullElse(value, ""))));
        return new OkHttpClientResponse(calls.newCall(request.build()).execute());
    }

    private @Nullable RequestBody body() {
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        MediaType mediaType = type == null ? null : MediaType.parse(type);
        if (streamed != null) {
            return new StreamedBody(streamed, mediaType, headers.getContentLength());
        }
        return written.size() > 0 || NEED_BODY.contains(method)
                ? RequestBody.create(written.toByteArray(), mediaType)
                : null;
    }

    /** A body that Spring writes while it is sent. */
    private static final class StreamedBody extends RequestBody {
        private final Body body;
        private final @Nullable MediaType type;
        private final long length;

        StreamedBody(Body body, @Nullable MediaType type, long length) {
            this.body = body;
            this.type = type;
            this.length = length;
        }

        @Override
        public @Nullable MediaType contentType() {
            return type;
        }

        @Override
        public long contentLength() {
            return length;
        }

        @Override
        public boolean isOneShot() {
            return !body.repeatable();
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            body.writeTo(sink.outputStream());
        }
    }
}
