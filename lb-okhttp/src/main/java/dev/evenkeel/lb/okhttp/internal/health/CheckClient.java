package dev.evenkeel.lb.okhttp.internal.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.NetworkFault;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request to one backend, with the user's client but without its interceptors, cookies, cache, proxy and
 * redirects. It has connections of its own, so that a check neither uses nor disturbs the traffic's.
 */
public final class CheckClient {
    private static final int IDLE_CONNECTIONS = 1_024;

    private final OkHttpClient client;
    private final @Nullable String logicalHost;
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicBoolean hasToldOfSetUp = new AtomicBoolean();
    private volatile boolean released;

    public CheckClient(OkHttpClient base, @Nullable String logicalHost) {
        Dispatcher dispatcher = new Dispatcher(base.dispatcher().executorService());
        dispatcher.setMaxRequests(Integer.MAX_VALUE);
        dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
        OkHttpClient.Builder builder = base.newBuilder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 30, TimeUnit.SECONDS))
                .cache(null)
                .cookieJar(CookieJar.NO_COOKIES)
                .followRedirects(false)
                .retryOnConnectionFailure(false)
                .proxy(java.net.Proxy.NO_PROXY);
        builder.interceptors().clear();
        builder.networkInterceptors().clear();
        this.client = builder.build();
        this.logicalHost = logicalHost;
    }

    /** Adds a user. */
    public void retain() {
        users.incrementAndGet();
    }

    /** Removes a user; without users it keeps no connections open. */
    public void release() {
        released = true;
        users.decrementAndGet();
        closeIfDeserted();
    }

    private void closeIfDeserted() {
        if (released && users.get() == 0) {
            client.connectionPool().evictAll();
        }
    }

    public static void checkPath(String whose, String path) {
        if (!path.startsWith("/") || path.startsWith("//") || path.startsWith("/\\")) {
            throw new IllegalArgumentException(
                    whose + " path must start with one slash, such as /healthz: \"" + path + "\"");
        }
        if (path.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(whose + " path must have no control characters");
        }
    }

    /** The URL of a path at a backend, under the logical host and the backend's port. */
    public HttpUrl url(Backend backend, String path) {
        String host = logicalHost != null ? logicalHost : backend.host();
        HttpUrl root = new HttpUrl.Builder()
                .scheme(backend.isTls() ? "https" : "http")
                .host(host)
                .port(backend.port())
                .build();
        HttpUrl url = root.resolve(backend.pathPrefix() + path);
        if (url == null || !url.host().equals(root.host()) || url.port() != root.port()) {
            throw new IllegalArgumentException("the path leads away from the backend: \"" + path + "\"");
        }
        return url;
    }

    /** The {@code Host} header of calls; null if it is the URL's own. */
    public @Nullable String hostHeader() {
        return logicalHost;
    }

    /** Like {@link #exchange}; a failure is an unhealthy result. */
    public CompletableFuture<HealthResult> send(
            Backend backend, Request request, Duration timeout, boolean http2, Reader<HealthResult> judge) {
        return exchange(backend, request, timeout, http2, judge, e -> HealthResult.unhealthy(NetworkFault.of(e)));
    }

    /**
     * Sends, reads the response on a thread of the dispatcher, and closes it.
     *
     * @param http2 whether HTTP/2 is used without TLS, with prior knowledge
     * @return completes with what was read, or exceptionally, when the thread has nothing more to do; its cancellation
     *     cancels the call
     */
    public <T> CompletableFuture<T> exchange(
            Backend backend, Request request, Duration timeout, boolean http2, Reader<T> reader) {
        return exchange(backend, request, timeout, http2, reader, null);
    }

    private <T> CompletableFuture<T> exchange(
            Backend backend,
            Request request,
            Duration timeout,
            boolean http2,
            Reader<T> reader,
            @Nullable Function<Throwable, T> failure) {
        OkHttpClient.Builder builder = client.newBuilder()
                .dns(new BackendDns(backend.host(), client.dns()))
                .callTimeout(timeout)
                .connectTimeout(timeout)
                .readTimeout(timeout)
                .writeTimeout(timeout);
        if (http2) {
            builder.protocols(
                    backend.isTls()
                            ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
                            : List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        }
        CheckSetUp setUp = new CheckSetUp(backend, timeout, hasToldOfSetUp);
        builder.addNetworkInterceptor(setUp);
        Call call = builder.build().newCall(request);
        Exchange<T> exchange = new Exchange<>(call, reader, failure, setUp);
        call.enqueue(exchange);
        return exchange;
    }

    /**
     * A call and what was read from its response. A cancellation ends the call; the future is done when the thread that
     * reads has returned, so that it counts as a check until then.
     */
    private final class Exchange<T> extends CompletableFuture<T> implements Callback {
        private final Call call;
        private final Reader<T> reader;
        private final @Nullable Function<Throwable, T> failure;
        private final CheckSetUp setUp;
        private volatile boolean cancelled;

        Exchange(Call call, Reader<T> reader, @Nullable Function<Throwable, T> failure, CheckSetUp setUp) {
            this.call = call;
            this.reader = reader;
            this.failure = failure;
            this.setUp = setUp;
        }

        @Override
        public void onResponse(Call answered, Response response) {
            try (response) {
                complete(reader.read(response));
            } catch (IOException | RuntimeException | Error e) {
                failed(e);
                Containment.rethrowFatal(e);
            } finally {
                closeIfDeserted();
            }
        }

        @Override
        public void onFailure(Call failed, IOException e) {
            setUp.failed();
            failed(e);
            closeIfDeserted();
        }

        private void failed(Throwable e) {
            if (cancelled) {
                super.cancel(false);
            } else if (failure == null) {
                completeExceptionally(e);
            } else {
                complete(failure.apply(e));
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            cancelled = true;
            call.cancel();
            return isCancelled();
        }
    }

    /** Reads a response; need not close it. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(Response response) throws IOException;
    }

    /**
     * Resolves every name to the backend's addresses. Equal for equal backends, since OkHttp pools connections by it.
     */
    private record BackendDns(String host, Dns dns) implements Dns {
        @Override
        public List<InetAddress> lookup(String hostname) throws UnknownHostException {
            return dns.lookup(host);
        }
    }
}
