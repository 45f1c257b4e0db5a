package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.internal.http.SingleSendBody;
import dev.evenkeel.lb.okhttp.internal.http.UrlRewriter;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionRelease;
import dev.evenkeel.lb.okhttp.internal.steering.NoDelaySocketFactory;
import dev.evenkeel.lb.okhttp.internal.steering.ProxyRequiredException;
import dev.evenkeel.lb.okhttp.internal.steering.SteeredBackend;
import dev.evenkeel.lb.okhttp.internal.steering.SteeredHost;
import dev.evenkeel.lb.okhttp.internal.steering.SteeredRoute;
import dev.evenkeel.lb.okhttp.internal.steering.SteeringImpossibleException;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteTimeouts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Sends the attempts of one pool: steers the connection to the backend, or rewrites the URL. */
public final class AttemptSender {
    /** The key of the attempt's tag in a request. Of a class, OkHttp would make a key at each use. */
    private static final KClass<Attempt> ATTEMPT = JvmClassMappingKt.getKotlinClass(Attempt.class);

    private final Destination destination;
    private final AttachedPool pool;
    private final ClientConfig settings;
    private final @Nullable Route route;
    private final @Nullable NetworkEdits changes;
    /** Whether the client has the network interceptor that makes the changes. */
    private final boolean wired;
    /** Whether the client may connect once more with another version of TLS or other ciphers. */
    private final boolean hasTlsFallback;

    public AttemptSender(Destination destination, boolean wired, boolean hasTlsFallback) {
        this.destination = destination;
        this.pool = destination.pool();
        this.settings = destination.settings();
        this.route = destination.route();
        this.changes = destination.edits();
        this.wired = wired;
        this.hasTlsFallback = hasTlsFallback;
    }

    public Destination destination() {
        return destination;
    }

    /** The request with the headers that the route and the forwarding policy give it. */
    Request outgoing(Request request, @Nullable InetAddress client) {
        if (changes == null || !changes.givesHeaders()) {
            return request;
        }
        Headers headers = settings.forwarded().apply(request, client);
        if (route != null) {
            headers = HeaderEdit.apply(route.requestHeaders(), headers);
        }
        return request.newBuilder().headers(headers).build();
    }

    /** The chain with the route's timeouts. */
    Chain bounded(Chain chain) {
        if (route == null) {
            return chain;
        }
        RouteTimeouts timeouts = route.timeouts();
        Chain bounded = chain;
        if (timeouts.connect() != null) {
            bounded = bounded.withConnectTimeout(millis(timeouts.connect()), TimeUnit.MILLISECONDS);
        }
        if (timeouts.read() != null) {
            bounded = bounded.withReadTimeout(millis(timeouts.read()), TimeUnit.MILLISECONDS);
        }
        if (timeouts.write() != null) {
            bounded = bounded.withWriteTimeout(millis(timeouts.write()), TimeUnit.MILLISECONDS);
        }
        return bounded;
    }

    private static int millis(Duration timeout) {
        return (int) timeout.toMillis();
    }

    /**
     * The route's timeout for a call; null if it has none.
     *
     * @param goneNanos how much of it has gone
     */
    @Nullable
    RouteTimeout deadline(Call call, long goneNanos) {
        Duration overall = route == null ? null : route.timeouts().overall();
        if (overall == null || route == null) {
            return null;
        }
        return new RouteTimeout(call, route.name(), overall, Math.max(1, overall.toNanos() - goneNanos));
    }

    Attempt start(Chain chain, Request request, Lease lease, @Nullable Attempt previous) {
        try {
            ConnectionLane lane =
                    mustRewrite(chain, request.url(), lease.backend()) ? null : enter(chain, request, lease.backend());
            Exchange exchange = new Exchange(destination, lease, request, chain.request(), lane);
            Attempt attempt = new Attempt(exchange, previous, chain.call());
            lease.onClose(attempt);
            return attempt;
        } catch (Throwable e) {
            // Such as a ProxySelector that throws.
            lease.complete(AttemptFailure.OWN_FAULT.outcome);
            throw e;
        }
    }

    private ConnectionLane enter(Chain chain, Request request, Backend backend) {
        SteeredHost host = pool.steered(request.url().host());
        ConnectionLane lane = host.enter(backend);
        return lane.isNearItsEnd() && mustNotBeLost(chain, request) ? host.renewed(backend, lane) : lane;
    }

    /** Whether a request that is lost with its connection could not be sent again, although its body could. */
    private boolean mustNotBeLost(Chain chain, Request request) {
        return chain.getRetryOnConnectionFailure()
                && !settings.retries().isIdempotent(request)
                && AttemptFailure.isReplayable(request);
    }

    private boolean mustRewrite(Chain chain, HttpUrl url, Backend backend) {
        return destination.isRewritten(url, backend)
                || (settings.addressing() == Addressing.AUTO && isProxied(chain, url, backend));
    }

    private boolean isProxied(Chain chain, HttpUrl url, Backend backend) {
        if (settings.bypassProxy()) {
            return false;
        }
        Proxy proxy = chain.getProxy();
        if (proxy != null) {
            return proxy.type() != Proxy.Type.DIRECT;
        }
        // A ProxySelector may be slow. As in OkHttp, it is asked for each new connection (SteeredRoute.checkProxy).
        // Each call asks only while the last answer was a proxy, to notice when there is none any more.
        SteeredBackend steered = pool.steered(url.host()).backend(backend);
        if (!steered.proxied()) {
            return false;
        }
        boolean stillProxied = SteeredRoute.firstProxy(chain.getProxySelector(), steered.httpUri()) != null;
        steered.proxied(stillProxied);
        return stillProxied;
    }

    Response send(Chain chain, Request request, Attempt attempt, CallState call) throws IOException {
        if (changes == null || (wired && !NetworkEdits.isForWebSocket(request))) {
            return sendPrepared(chain, request, attempt, call);
        }
        // No network interceptor will see this exchange.
        attempt.exchange().prepare();
        Chain prepared = changes.rewritesPaths() ? chain.withCache(null) : chain;
        Request changed = changes.outgoing(request, attempt.exchange());
        Response response = sendPrepared(prepared, changed, attempt, call);
        return changes.incoming(response, request, changed, attempt.hasLeft());
    }

    private Response sendPrepared(Chain chain, Request request, Attempt attempt, CallState call) throws IOException {
        if (attempt.backend().uri().getScheme().equals("udp")) {
            throw new SteeringImpossibleException(destination.described()
                    + ": an HTTP call cannot be sent to backend " + BackendAddress.describe(attempt.backend())
                    + "; use a backend URI of scheme http, https or tcp");
        }
        boolean isIdempotent = settings.retries().isIdempotent(request);
        attempt.exchange().repeat(chain.getRetryOnConnectionFailure(), isIdempotent);
        Chain prepared = chain;
        if (chain.getRetryOnConnectionFailure()) {
            prepared = withoutRepetitions(chain, request, isIdempotent);
            // A stale connection makes the write fail, which uses up a one-shot body.
            if (!isIdempotent && AttemptFailure.isReplayable(request)) {
                attempt.exchange().checkConnection();
            }
        }
        prepared = AttemptTimeout.bound(prepared, settings.retries());
        ConnectionLane lane = attempt.exchange().lane();
        if (lane == null) {
            return rewrite(prepared, request, attempt, call);
        }
        try {
            return steer(prepared, request, attempt, lane, call);
        } catch (IOException e) {
            ProxyRequiredException demanded = ProxyRequiredException.in(e);
            if (demanded == null || attempt.isSent()) {
                throw e;
            }
            if (settings.addressing() == Addressing.STEER) {
                throw proxyInTheWay(demanded.proxy(), attempt.backend());
            }
            return rewrite(prepared, request, attempt, call);
        }
    }

    /**
     * Keeps OkHttp from sending a request again beneath an attempt: to each further address of the backend's name, without
     * an end, a budget or a count. {@link TransparentRetries} sends again what may be sent again. A body that is one-shot
     * until there is a response ({@link SingleSendBody}) does it at no loss. Without a body, the setting is switched off,
     * which also switches off the fallback to another TLS {@link okhttp3.ConnectionSpec}: not for an idempotent request of
     * a client that has one.
     */
    private Chain withoutRepetitions(Chain chain, Request request, boolean isIdempotent) {
        boolean isGuarded = request.body() != null && AttemptFailure.isReplayable(request);
        return isGuarded || (isIdempotent && hasTlsFallback) ? chain : chain.withRetryOnConnectionFailure(false);
    }

    private Response steer(Chain chain, Request request, Attempt attempt, ConnectionLane lane, CallState call)
            throws IOException {
        Proxy proxy = settings.bypassProxy() ? null : chain.getProxy();
        if (proxy != null && proxy.type() != Proxy.Type.DIRECT) {
            throw proxyInTheWay(proxy, attempt.backend());
        }
        SteeredRoute route = route(chain, lane);
        ConnectionRelease.before(
                chain, call.held(), route.dns(), attempt.exchange().checksConnection());
        Chain steered = steered(chain, route, request.isHttps());

        String prefix = attempt.backend().pathPrefix();
        if (prefix.isEmpty()) {
            return TransparentRetries.proceed(steered, wire(request, null, attempt, call), attempt, call);
        }
        Request wire = wire(request, UrlRewriter.withPrefix(request.url(), prefix), attempt, call);
        return withLogicalUrl(TransparentRetries.proceed(steered, wire, attempt, call), request, attempt);
    }

    /** The request as it goes to OkHttp, with another URL if one is given. */
    private static Request wire(Request request, @Nullable HttpUrl url, Attempt attempt, CallState call) {
        Request.Builder wire = request.newBuilder().tag(ATTEMPT, attempt);
        if (AttemptFailure.isReplayable(request)) {
            SingleSendBody.guard(wire, request, call::status);
        }
        if (url != null) {
            wire.url(url);
        }
        return wire.build();
    }

    private SteeredRoute route(Chain chain, ConnectionLane lane) {
        boolean askForProxies = !settings.bypassProxy() && chain.getProxy() == null;
        return lane.route(chain, askForProxies ? chain.getProxySelector() : null);
    }

    private Chain steered(Chain chain, SteeredRoute route, boolean https) {
        return route.steer(settings.bypassProxy() ? chain.withProxy(Proxy.NO_PROXY) : chain, https);
    }

    /** Steers the chain of a request of our own to a lane. */
    Chain steered(Chain chain, ConnectionLane lane, boolean https) {
        return steered(chain, route(chain, lane), https);
    }

    /** Whether connections can be opened beforehand: not if the URL must be rewritten, or the backend speaks UDP. */
    boolean isSteered(HttpUrl url, Backend backend) {
        return !destination.isRewritten(url, backend)
                && !backend.uri().getScheme().equals("udp");
    }

    private Response rewrite(Chain chain, Request request, Attempt attempt, CallState call) throws IOException {
        HttpUrl url = UrlRewriter.toBackend(request.url(), attempt.backend());
        if (url == null) {
            throw new SteeringImpossibleException(destination.described() + ": no URL can have the host of backend "
                    + BackendAddress.describe(attempt.backend())
                    + "; use Addressing.STEER, or another host name for the backend");
        }
        DowngradeRule rule = DowngradeRule.of(destination, chain, request.url());
        String fault = rule == null ? null : rule.faultIfRewritten(attempt.backend());
        if (fault != null) {
            throw new SteeringImpossibleException(destination.described() + ": " + fault);
        }
        attempt.exchange().rewrite();
        ConnectionRelease.before(
                chain, call.held(), chain.getDns(), attempt.exchange().checksConnection());
        Request wire = wire(request, url, attempt, call);
        Chain rewritten = chain.withSocketFactory(new NoDelaySocketFactory(chain.getSocketFactory()));
        Response response = TransparentRetries.proceed(rewritten, wire, attempt, call);
        return withLogicalUrl(response, request, attempt);
    }

    /** Restores the logical URL in a response, unless a redirect led away from the backend. */
    private Response withLogicalUrl(Response response, Request request, Attempt attempt) {
        Request wire = response.request();
        if (!attempt.exchange().leadsTo(wire.url())) {
            return response;
        }
        HttpUrl logical = UrlRewriter.toLogical(wire.url(), request.url(), attempt.backend());
        return response.newBuilder()
                .request(wire.newBuilder().url(logical).build())
                .build();
    }

    private SteeringImpossibleException proxyInTheWay(Proxy proxy, Backend backend) {
        return new SteeringImpossibleException(destination.described() + ": backend " + BackendAddress.describe(backend)
                + " cannot be steered to through a proxy, and the client has one for it: " + proxy
                + "; use Addressing.AUTO or REWRITE to reach the backend through the proxy, or bypassProxy() to connect"
                + " directly");
    }
}
