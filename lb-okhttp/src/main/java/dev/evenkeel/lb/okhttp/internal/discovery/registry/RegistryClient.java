package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.core.internal.log.Secrets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of one source: the user's client with connections of its own, without cache and redirects. Calls are
 * made one at a time on the source's own thread, so the user's Dispatcher does not count them.
 */
public final class RegistryClient implements AutoCloseable {
    /** A list of 10,000 instances with all that Consul or Eureka say of them has about 20 MB. */
    static final long MAX_BYTES = 128L << 20;

    private static final Duration MAX_LIST = Duration.ofSeconds(60);
    private static final Duration MAX_GRACE = Duration.ofSeconds(15);
    private static final Duration PING = Duration.ofSeconds(15);
    private static final int QUOTED_CHARACTERS = 200;
    /** More than is quoted, so that a secret that begins within the quotation is read as a whole, mostly. */
    private static final long MAX_READ_BYTES = 8_192;

    /** Parts of the names of headers that contain secrets. */
    private static final List<String> SECRET_HEADERS = List.of("auth", "token", "key", "secret", "cookie");

    private final Secrets secrets = new Secrets();

    private OkHttpClient client;
    private @Nullable Call current;
    private boolean closed;

    public RegistryClient(OkHttpClient base) {
        OkHttpClient.Builder builder = base.newBuilder()
                .dispatcher(new Dispatcher(base.dispatcher().executorService()))
                .connectionPool(new ConnectionPool(2, 1, TimeUnit.MINUTES))
                .cache(null)
                .followRedirects(false);
        if (base.pingIntervalMillis() == 0) {
            builder.pingInterval(PING);
        }
        if (base.callTimeoutMillis() == 0) {
            builder.callTimeout(MAX_LIST);
        }
        this.client = builder.build();
    }

    public synchronized void trust(SSLSocketFactory socketFactory, X509TrustManager trustManager) {
        client.connectionPool().evictAll();
        client = client.newBuilder()
                .sslSocketFactory(socketFactory, trustManager)
                .build();
    }

    /** The timeout of an answer that the registry was asked to delay. */
    public static Duration withGrace(Duration asked) {
        return asked.plus(asked.compareTo(MAX_GRACE) < 0 ? asked : MAX_GRACE);
    }

    /**
     * How long a server may be silent before it has said anything: the client's read timeout, or 60 s if that has none.
     *
     * @param max the most
     */
    public Duration requestTimeout(Duration max) {
        int millis = client().readTimeoutMillis();
        Duration timeout = millis == 0 ? MAX_LIST : Duration.ofMillis(millis);
        return timeout.compareTo(max) < 0 ? timeout : max;
    }

    /** Sends a request and reads the whole response, within the client's timeouts. */
    public <T> T exchange(Request request, Reader<T> reader) throws IOException {
        return exchange(request, new ByteBudget(MAX_BYTES), reader);
    }

    /**
     * Like {@link #exchange(Request, Reader)}, for one page of several.
     *
     * @param budget of all pages together
     */
    public <T> T exchange(Request request, ByteBudget budget, Reader<T> reader) throws IOException {
        return exchange(request, client(), budget, reader);
    }

    /** The budget of a list that comes in pages: no more than of one that comes at once. */
    public static ByteBudget listBudget() {
        return new ByteBudget(MAX_BYTES);
    }

    /**
     * Sends a request and reads the whole of a response that takes long.
     *
     * @param quiet the longest time without a byte
     */
    public <T> T await(Request request, Duration quiet, Reader<T> reader) throws IOException {
        OkHttpClient patient = client().newBuilder()
                .readTimeout(quiet)
                .callTimeout(quiet.plus(MAX_LIST))
                .build();
        return exchange(request, patient, new ByteBudget(MAX_BYTES), reader);
    }

    /**
     * Sends a request and reads a response without an end.
     *
     * @param quiet the longest time without a byte
     */
    public <T> T follow(Request request, Duration quiet, Reader<T> reader) throws IOException {
        OkHttpClient patient = client().newBuilder()
                .readTimeout(quiet)
                .callTimeout(Duration.ZERO)
                .build();
        return exchange(request, patient, new ByteBudget(Long.MAX_VALUE), reader);
    }

    private <T> T exchange(Request request, OkHttpClient by, ByteBudget budget, Reader<T> reader) throws IOException {
        Call call = begin(request, by);
        learnSecrets(request);
        try (Response response = call.execute()) {
            // The client's interceptors may have added some.
            learnSecrets(response.request());
            if (!response.isSuccessful()) {
                throw refusal(request, response);
            }
            return reader.read(
                    response, Okio.buffer(new BoundedSource(response.body().source(), budget)));
        } finally {
            end();
        }
    }

    private synchronized Call begin(Request request, OkHttpClient by) throws IOException {
        if (closed) {
            throw new IOException("the source is closed");
        }
        Call call = by.newCall(request);
        current = call;
        return call;
    }

    private synchronized void end() {
        current = null;
    }

    private StatusException refusal(Request request, Response response) throws IOException {
        BufferedSource source = response.body().source();
        String said = "";
        if (source.request(1)) {
            source.request(MAX_READ_BYTES);
            Buffer start = source.getBuffer();
            said = ": " + secrets.clean(start.readUtf8(Math.min(start.size(), MAX_READ_BYTES)), QUOTED_CHARACTERS);
        }
        return new StatusException(response.code(), describe(request) + " was answered " + response.code() + said);
    }

    /** Method and URL without its query, which may be long, or a user's secret. */
    static String describe(Request request) {
        return request.method() + " "
                + request.url().newBuilder().query(null).fragment(null).build();
    }

    /** The secrets that were sent, and must not appear in messages. */
    public Secrets secrets() {
        return secrets;
    }

    private void learnSecrets(Request request) {
        request.headers().forEach(header -> {
            String name = header.getFirst().toLowerCase(Locale.ROOT);
            if (SECRET_HEADERS.stream().anyMatch(name::contains)) {
                learnSecret(header.getSecond());
            }
        });
    }

    private void learnSecret(String value) {
        int space = value.indexOf(' ');
        String credentials = value.substring(space + 1);
        secrets.add(credentials);
        if (space > 0 && value.substring(0, space).equalsIgnoreCase("Basic")) {
            ByteString decoded = ByteString.decodeBase64(credentials);
            String pair = decoded == null ? "" : decoded.utf8();
            secrets.add(pair.substring(pair.indexOf(':') + 1));
        }
    }

    /** Ends the call under way, if there is one. */
    public void cancel() {
        Call running;
        synchronized (this) {
            running = current;
        }
        if (running != null) {
            running.cancel();
        }
    }

    /** Ends the call under way, and lets no other begin. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        cancel();
        client().connectionPool().evictAll();
    }

    private synchronized OkHttpClient client() {
        return client;
    }

    /** Reads a response of status 2xx; need not close it. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(Response response, BufferedSource body) throws IOException;
    }

    /** How many bytes may still be read. */
    public static final class ByteBudget {
        private final long max;
        private long left;

        ByteBudget(long max) {
            this.max = max;
            this.left = max;
        }

        void spend(long bytes) throws MalformedAnswerException {
            if (bytes > left) {
                throw new MalformedAnswerException("an answer must have at most " + max + " bytes");
            }
            left -= bytes;
        }
    }

    /** Fails after a number of bytes. */
    private static final class BoundedSource extends ForwardingSource {
        private final ByteBudget budget;

        BoundedSource(Source source, ByteBudget budget) {
            super(source);
            this.budget = budget;
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            long read = super.read(sink, byteCount);
            budget.spend(Math.max(0, read));
            return read;
        }
    }
}
