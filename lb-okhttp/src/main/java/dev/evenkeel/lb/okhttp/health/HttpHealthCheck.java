package dev.evenkeel.lb.okhttp.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.health.CheckClient;
import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request to the backend and looks at the status, and if wanted at the body.
 *
 * <pre>{@code
 * HttpHealthCheck.builder(client, "users").path("/healthz").expectStatus(200, 299).build()
 * }</pre>
 *
 * <p>The request goes to the backend's address and port, in its scheme, under its path prefix. {@code Host}, SNI and
 * certificate are the logical host's. The client lends its TLS settings, Dns and dispatcher threads; its interceptors,
 * cookies, cache, proxy and redirects are left out, and connections are the check's own. Thread-safe; can be shared by
 * pools of one logical host.
 */
public final class HttpHealthCheck implements HealthCheck {
    private static final long MAX_BODY_BYTES = 64 * 1024;
    private final CheckClient client;
    private final String method;
    private final String path;
    private final Headers headers;
    private final BitSet expected;
    private final @Nullable BoundedRegex body;

    private HttpHealthCheck(Builder builder) {
        this.client = new CheckClient(builder.client, builder.logicalHost);
        this.method = builder.method;
        this.path = builder.path;
        this.headers = builder.headers.build();
        this.expected = builder.expected.isEmpty() ? range(200, 399) : (BitSet) builder.expected.clone();
        this.body = builder.body;
    }

    /**
     * Starts a check under a logical host.
     *
     * @param client lends TLS settings, Dns and dispatcher threads
     * @param logicalHost the pool's name: what {@code Host}, SNI and the certificate say
     * @return a builder: {@code GET /}, 200 to 399 expected
     */
    public static Builder builder(OkHttpClient client, String logicalHost) {
        return new Builder(client, logicalHost);
    }

    /**
     * Starts a check under the backends' own hosts, for pools whose backends are addressed by their own names.
     *
     * @param client lends TLS settings, Dns and dispatcher threads
     * @return a builder: {@code GET /}, 200 to 399 expected
     */
    public static Builder builder(OkHttpClient client) {
        return new Builder(client, null);
    }

    @Override
    public void retain() {
        client.retain();
    }

    /** Removes a pool that used this check; without pools the idle connections are closed. */
    @Override
    public void release() {
        client.release();
    }

    @Override
    public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
        RequestBody nothing = method.equals("POST") ? RequestBody.create(new byte[0]) : null;
        Request.Builder request = new Request.Builder()
                .url(client.url(backend, path))
                .headers(headers)
                .method(method, nothing);
        String host = client.hostHeader();
        if (host != null && headers.get("Host") == null) {
            request.header("Host", host);
        }
        return client.send(backend, request.build(), timeout, false, this::judge);
    }

    private HealthResult judge(Response response) throws IOException {
        int code = response.code();
        if (!expected.get(code)) {
            return HealthResult.unhealthy("HTTP " + code);
        }
        if (body != null) {
            BufferedSource source = response.body().source();
            source.request(MAX_BODY_BYTES);
            long length = Math.min(MAX_BODY_BYTES, source.getBuffer().size());
            boolean found;
            try {
                found = body.isFoundIn(source.readUtf8(length));
            } catch (IllegalStateException e) {
                return HealthResult.unhealthy("HTTP " + code + ", but the check of the body failed: " + e.getMessage());
            }
            if (!found) {
                return HealthResult.unhealthy(
                        "HTTP " + code + ", but the first 64 KiB of the body do not match \"" + body + "\"");
            }
        }
        return HealthResult.healthy("HTTP " + code);
    }

    private static BitSet range(int from, int to) {
        BitSet set = new BitSet();
        set.set(from, to + 1);
        return set;
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder {
        private final OkHttpClient client;
        private final @Nullable String logicalHost;
        private String method = "GET";
        private String path = "/";
        private final Headers.Builder headers = new Headers.Builder();
        private final BitSet expected = new BitSet();
        private @Nullable BoundedRegex body;

        private Builder(OkHttpClient client, @Nullable String logicalHost) {
            this.client = client;
            this.logicalHost = logicalHost;
        }

        /**
         * Sets the method.
         *
         * @param method GET, HEAD, OPTIONS or POST (with an empty body); default GET
         * @return this
         */
        public Builder method(String method) {
            switch (method) {
                case "GET", "HEAD", "OPTIONS", "POST" -> this.method = method;
                default ->
                    throw new IllegalArgumentException(
                            "health check method must be GET, HEAD, OPTIONS or POST: \"" + method + "\"");
            }
            return this;
        }

        /**
         * Sets the path.
         *
         * @param path with a slash at the beginning, and perhaps a query; default {@code /}
         * @return this
         */
        public Builder path(String path) {
            CheckClient.checkPath("health check", path);
            this.path = path;
            return this;
        }

        /**
         * Adds a header.
         *
         * @param name a token
         * @param value no control characters
         * @return this
         * @throws IllegalArgumentException if one of them is malformed
         */
        public Builder header(String name, String value) {
            headers.add(name, value);
            return this;
        }

        /**
         * Adds one status to those expected.
         *
         * @param status 100 to 599
         * @return this
         */
        public Builder expectStatus(int status) {
            return expectStatus(status, status);
        }

        /**
         * Adds a range of statuses to those expected; the first call replaces the default of 200 to 399.
         *
         * @param from 100 to 599
         * @param to {@code from} to 599
         * @return this
         */
        public Builder expectStatus(int from, int to) {
            if (from < 100 || to > 599 || from > to) {
                throw new IllegalArgumentException(
                        "health check statuses must be a range within 100..599: " + from + ".." + to);
            }
            expected.set(from, to + 1);
            return this;
        }

        /**
         * Sets what the body must contain, in its first 64 KiB.
         *
         * @param pattern is searched for in the body as UTF-8, in a bounded number of steps: a search that takes
         *     too long is a failed check
         * @return this
         * @throws IllegalArgumentException if the pattern is too long, or nests counted repetitions
         */
        public Builder expectBody(Pattern pattern) {
            body = BoundedRegex.of(pattern);
            return this;
        }

        /**
         * Makes the check.
         *
         * @return a check
         */
        public HttpHealthCheck build() {
            return new HttpHealthCheck(this);
        }
    }
}
