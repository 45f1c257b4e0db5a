package dev.evenkeel.lb.okhttp.internal.routing;

import dev.evenkeel.lb.okhttp.internal.call.AttemptSender;
import dev.evenkeel.lb.okhttp.internal.call.CallState;
import dev.evenkeel.lb.okhttp.internal.call.NetworkEdits;
import dev.evenkeel.lb.okhttp.internal.call.RetryingCall;
import dev.evenkeel.lb.okhttp.route.Mirror;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Authenticator;
import okhttp3.ConnectionPool;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor.Chain;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of a mirror: as the client whose calls are copied would, but over connections of its own and without
 * anything that the application could see: no interceptors and listeners, no cache, no authenticator, no redirects, and
 * cookies are sent, but not kept.
 */
final class MirrorClient {
    private static final long CHUNK_BYTES = 64 << 10;

    private final Mirror mirror;
    private final AttemptSender sender;
    private final @Nullable OkHttpClient base;
    private final ConnectionPool connections;
    private volatile @Nullable Made made;

    /** A client, and the chain that it was derived from. */
    private record Made(OkHttpClient client, Chain like) {
        @SuppressWarnings("ReferenceEquality") // another object means another client
        boolean isLike(Chain chain) {
            return like.getDns() == chain.getDns()
                    && like.getSocketFactory() == chain.getSocketFactory()
                    && like.getSslSocketFactoryOrNull() == chain.getSslSocketFactoryOrNull()
                    && like.getHostnameVerifier() == chain.getHostnameVerifier()
                    && like.getCertificatePinner().equals(chain.getCertificatePinner())
                    && like.getProxy() == chain.getProxy()
                    && like.getProxySelector() == chain.getProxySelector()
                    && like.getCookieJar() == chain.getCookieJar();
        }
    }

    /** Called once with whether a copy was answered. */
    interface CopyCallback {
        void ended(boolean success);
    }

    MirrorClient(Mirror mirror, AttemptSender sender, ConnectionPool connections, @Nullable OkHttpClient base) {
        this.mirror = mirror;
        this.sender = sender;
        this.base = base;
        this.connections = connections;
    }

    /** Makes a task that sends a copy, to be run on another thread. */
    Runnable prepare(Chain chain, Request request, CopyCallback end) {
        OkHttpClient client = client(chain);
        return () -> end.ended(succeeds(client, request));
    }

    private static boolean succeeds(OkHttpClient client, Request request) {
        try (Response response = client.newCall(request).execute()) {
            BufferedSource source = response.body().source();
            try (Buffer dropped = new Buffer()) {
                while (source.read(dropped, CHUNK_BYTES) != -1) {
                    dropped.clear();
                }
            }
            return response.code() < 500;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private OkHttpClient client(Chain chain) {
        Made last = made;
        if (last != null && last.isLike(chain)) {
            return last.client;
        }
        OkHttpClient client = newClient(chain);
        made = new Made(client, chain);
        return client;
    }

    private OkHttpClient newClient(Chain chain) {
        OkHttpClient.Builder client = (base == null ? new OkHttpClient() : base).newBuilder();
        client.interceptors().clear();
        client.networkInterceptors().clear();
        if (chain.getSslSocketFactoryOrNull() != null && chain.getX509TrustManagerOrNull() != null) {
            client.sslSocketFactory(chain.getSslSocketFactoryOrNull(), chain.getX509TrustManagerOrNull());
        }
        return client.dispatcher(new Dispatcher())
                .connectionPool(connections)
                .eventListener(EventListener.NONE)
                .cache(null)
                .authenticator(Authenticator.NONE)
                .followRedirects(false)
                .dns(chain.getDns())
                .socketFactory(chain.getSocketFactory())
                .hostnameVerifier(chain.getHostnameVerifier())
                .certificatePinner(chain.getCertificatePinner())
                .proxy(chain.getProxy())
                .proxySelector(chain.getProxySelector())
                .proxyAuthenticator(chain.getProxyAuthenticator())
                .cookieJar(new Given(chain.getCookieJar()))
                .connectTimeout(chain.connectTimeoutMillis(), TimeUnit.MILLISECONDS)
                .readTimeout(chain.readTimeoutMillis(), TimeUnit.MILLISECONDS)
                .writeTimeout(chain.writeTimeoutMillis(), TimeUnit.MILLISECONDS)
                .callTimeout(mirror.timeout())
                .addInterceptor(this::send)
                .addNetworkInterceptor(new NetworkEdits.EditInterceptor())
                .build();
    }

    private Response send(Chain chain) throws IOException {
        CallState call = CallState.of(chain.call());
        call.begin(sender.destination(), List.of(), false);
        call.identify(chain.request(), chain.getCookieJar(), sender.destination());
        return new RetryingCall(sender, chain, call, null).send();
    }

    /** A cookie jar that is read only. */
    private record Given(CookieJar jar) implements CookieJar {
        @Override
        public List<Cookie> loadForRequest(HttpUrl url) {
            return jar.loadForRequest(url);
        }

        @Override
        public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {}
    }
}
