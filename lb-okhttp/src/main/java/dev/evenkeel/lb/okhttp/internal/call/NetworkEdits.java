package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.okhttp.connection.BackendCredentials;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.PathRewrite;
import dev.evenkeel.lb.okhttp.route.Route;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a route's requests and responses on the wire: rewrites the path, adds the backend's credentials,
 * changes the response's headers. Applied in a network interceptor, {@link EditInterceptor}, below cache, cookies and redirects, so these see
 * the original URL and never the credentials.
 */
public final class NetworkEdits {
    /** Headers that OkHttp removes before it follows a redirect to another host: they are not added again. */
    private static final Set<String> SECRET = Set.of("authorization", "cookie", "proxy-authorization");

    private final @Nullable PathRewrite rewrite;
    private final List<HeaderEdit> responseHeaders;
    private final @Nullable BackendCredentials credentials;
    /** The names of the headers that were added to the request, in lower case. */
    private final Set<String> given;

    private NetworkEdits(ClientConfig settings, @Nullable Route route) {
        rewrite = route == null ? null : route.pathRewrite();
        responseHeaders = route == null ? List.of() : route.responseHeaders();
        credentials = settings.credentials();
        given = new TreeSet<>(settings.forwarded().names());
        if (route != null) {
            for (HeaderEdit edit : route.requestHeaders()) {
                given.add(edit.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    static @Nullable NetworkEdits of(ClientConfig settings, @Nullable Route route) {
        NetworkEdits changes = new NetworkEdits(settings, route);
        return changes.rewrite == null
                        && changes.responseHeaders.isEmpty()
                        && changes.credentials == null
                        && changes.given.isEmpty()
                ? null
                : changes;
    }

    /** Returns whether a request opens a WebSocket, for which OkHttp runs no network interceptors. */
    public static boolean isForWebSocket(Request request) {
        return "websocket".equalsIgnoreCase(request.header("Upgrade"));
    }

    boolean rewritesPaths() {
        return rewrite != null;
    }

    boolean givesHeaders() {
        return !given.isEmpty();
    }

    boolean hasCredentials() {
        return credentials != null;
    }

    /** Changes a request for the backend. */
    Request outgoing(Request request, Exchange exchange) throws IOException {
        Request.Builder changed = request.newBuilder();
        if (rewrite != null) {
            changed.url(rewritten(request.url(), rewrite, exchange));
        }
        if (credentials != null && isAsSafe(request, exchange)) {
            Headers secrets = headersOf(credentials, exchange);
            secrets.names().forEach(changed::removeHeader);
            for (int i = 0; i < secrets.size(); i++) {
                changed.addHeader(secrets.name(i), secrets.value(i));
            }
        }
        return changed.build();
    }

    /** False if a redirect led from https to http: credentials are not sent in clear text then. */
    private static boolean isAsSafe(Request request, Exchange exchange) {
        return request.isHttps()
                || (!exchange.request().isHttps()
                        && !(exchange.isRewritten() && exchange.backend().isTls()));
    }

    private static HttpUrl rewritten(HttpUrl url, PathRewrite rewrite, Exchange exchange) throws IOException {
        String prefix = exchange.backend().pathPrefix();
        String path = url.encodedPath();
        boolean prefixed = !exchange.isPrepared() && !prefix.isEmpty() && path.startsWith(prefix + "/");
        String logical = prefixed ? path.substring(prefix.length()) : path;
        String changed;
        try {
            changed = rewrite.apply(logical);
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
            throw new IOException("the path of " + url.redact() + " cannot be rewritten: " + e.getMessage(), e);
        }
        return url.newBuilder()
                .encodedPath(prefixed ? prefix + changed : changed)
                .build();
    }

    @SuppressWarnings("CatchingUnchecked") // whatever the application's code throws
    private static Headers headersOf(BackendCredentials credentials, Exchange exchange) throws IOException {
        String what = exchange.destination().described() + ": the credentials of backend "
                + BackendAddress.describe(exchange.backend()) + " are unknown, since the code that finds them ";
        Headers headers;
        try {
            headers = credentials.of(exchange.backend());
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
            // Without the text and the cause: OkHttp's exception about a malformed header quotes the value.
            IOException failure = new IOException(what + "threw " + e.getClass().getName());
            failure.setStackTrace(e.getStackTrace());
            throw failure;
        }
        if (headers == null) {
            throw new IOException(what + "returned null");
        }
        return headers;
    }

    /** Restores the application's headers in a request that a redirect leads to another host. */
    Request stripForForeignHost(Request request, Exchange exchange) {
        Request.Builder bare = request.newBuilder();
        for (String name : given) {
            if (!request.headers(name).equals(exchange.request().headers(name))) {
                continue; // OkHttp has changed it for the redirect.
            }
            bare.removeHeader(name);
            if (name.equals("host")) {
                bare.header("Host", hostOf(request.url()));
            } else if (!SECRET.contains(name)) {
                exchange.original().headers(name).forEach(value -> bare.addHeader(name, value));
            }
        }
        return bare.build();
    }

    private static String hostOf(HttpUrl url) {
        String host = url.host().indexOf(':') >= 0 ? "[" + url.host() + "]" : url.host();
        return url.port() == HttpUrl.defaultPort(url.scheme()) ? host : host + ":" + url.port();
    }

    /** Changes a response by the route's edits, and puts the application's request back into it. */
    Response incoming(Response response, Request request) {
        return response.newBuilder()
                .headers(HeaderEdit.apply(responseHeaders, response.headers()))
                .request(request)
                .build();
    }

    /**
     * The same if the request was changed above OkHttp's interceptors, which keep it in several places.
     *
     * @param hasLeft whether a redirect has led away from the backend: the response is not its own
     */
    Response incoming(Response response, Request request, Request changed, boolean hasLeft) {
        Response known = restoreOriginalRequest(response, request, changed);
        return hasLeft
                ? known
                : known.newBuilder()
                        .headers(HeaderEdit.apply(responseHeaders, known.headers()))
                        .build();
    }

    private static Response restoreOriginalRequest(Response response, Request request, Request changed) {
        Response.Builder known =
                response.newBuilder().request(restoreOriginalRequest(response.request(), request, changed));
        Response network = response.networkResponse();
        if (network != null) {
            known.networkResponse(network.newBuilder()
                    .request(restoreOriginalRequest(network.request(), request, changed))
                    .build());
        }
        Response prior = response.priorResponse();
        if (prior != null) {
            known.priorResponse(restoreOriginalRequest(prior, request, changed));
        }
        return known.build();
    }

    /** Removes from a request what the changed one has and the application's has not. */
    private static Request restoreOriginalRequest(Request kept, Request request, Request changed) {
        Request.Builder bare = kept.newBuilder();
        if (kept.url().encodedPath().endsWith(changed.url().encodedPath())) {
            bare.url(kept.url()
                    .newBuilder()
                    .encodedPath(request.url().encodedPath())
                    .build());
        }
        for (String name : changed.headers().names()) {
            if (!changed.headers(name).equals(request.headers(name))) {
                bare.removeHeader(name);
                request.headers(name).forEach(value -> bare.addHeader(name, value));
            }
        }
        return bare.build();
    }

    /** Network interceptor that applies the edits of a request's attempt, below OkHttp's cache, cookies and redirects. */
    public static final class EditInterceptor implements Interceptor {
        @Override
        public Response intercept(Chain chain) throws IOException {
            Request request = chain.request();
            Attempt attempt = request.tag(Attempt.class);
            Exchange exchange = attempt == null ? null : attempt.exchange();
            NetworkEdits changes = exchange == null ? null : exchange.editsOnTheWire();
            if (exchange == null || changes == null) {
                return chain.proceed(request);
            }
            if (!exchange.leadsTo(request.url())) {
                return chain.proceed(changes.stripForForeignHost(request, exchange));
            }
            return changes.incoming(chain.proceed(changes.outgoing(request, exchange)), request);
        }
    }
}
