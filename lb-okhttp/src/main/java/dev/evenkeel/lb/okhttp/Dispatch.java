package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import java.io.IOException;
import java.net.Proxy;
import okhttp3.HttpUrl;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Sends attempts of one pool on their way: decides between steering and rewriting, and does it. */
final class Dispatch {
    final AttachedPool pool;
    final Settings settings;
    /** Null if nothing binds sessions. */
    final @Nullable Sessions sessions;

    Dispatch(AttachedPool pool, Settings settings) {
        this.pool = pool;
        this.settings = settings;
        SessionPolicy policy = settings.sessions();
        this.sessions = policy == null ? null : new Sessions(pool.balancer(), policy);
    }

    Attempt start(Chain chain, Request request, Lease lease, @Nullable Attempt previous) {
        try {
            return mustRewrite(chain, request.url(), lease.backend())
                    ? pool.startRewritten(lease, request, previous)
                    : pool.startSteered(lease, request, previous);
        } catch (Throwable e) {
            // Such as a ProxySelector that throws.
            lease.complete(RetryRule.OWN_FAULT.outcome);
            throw e;
        }
    }

    private boolean mustRewrite(Chain chain, HttpUrl url, Backend backend) {
        return switch (settings.addressing()) {
            case STEER -> false;
            case REWRITE -> true;
            case AUTO -> isNotBehindTheName(url, backend) || isProxied(chain, backend);
        };
    }

    /** Whether the backend cannot answer under the logical name. */
    private boolean isNotBehindTheName(HttpUrl url, Backend backend) {
        String scheme = backend.uri().getScheme();
        if (!scheme.startsWith("http")) {
            return false; // tcp: says nothing of TLS
        }
        return backend.isTls() != url.isHttps()
                || (backend.isTls()
                        && !Endpoint.isLiteral(backend.host())
                        && !backend.host().equals(pool.host()));
    }

    private boolean isProxied(Chain chain, Backend backend) {
        if (settings.bypassProxy()) {
            return false;
        }
        Proxy proxy = chain.getProxy();
        if (proxy != null) {
            return proxy.type() != Proxy.Type.DIRECT;
        }
        // Asking a ProxySelector may cost: as in OkHttp, each new connection asks (SteeredRoute.checkProxy). Only while
        // the answer was a proxy, each call asks, to notice when it no longer is.
        Lanes place = pool.place(backend);
        if (!place.proxied()) {
            return false;
        }
        boolean stillProxied = SteeredRoute.firstProxy(chain.getProxySelector(), place.httpUri()) != null;
        place.proxied(stillProxied);
        return stillProxied;
    }

    Response send(Chain chain, Request request, Attempt attempt, CallState call) throws IOException {
        if (attempt.backend().uri().getScheme().equals("udp")) {
            throw new SteeringImpossibleException("pool \"" + pool.name()
                    + "\": an HTTP call cannot be sent to backend " + FailureReport.name(attempt.backend())
                    + "; use a backend URI of scheme http, https or tcp");
        }
        Chain prepared = chain;
        if (chain.getRetryOnConnectionFailure() && !settings.retries().isIdempotent(request)) {
            // Beneath us OkHttp would repeat a request that a pooled connection lost, although the backend may have
            // processed it. For idempotent methods that is welcome: it hides a stale connection at the least cost. For
            // the others we look for stale connections beforehand (StaleConnection), and repeat what was refused. Lost
            // with it: a fallback to an older TLS ConnectionSpec, and the repetition after a 408.
            prepared = chain.withRetryOnConnectionFailure(false);
            // The look ends in a write that fails, which uses up a one-shot body.
            attempt.checksConnection = RetryRule.isReplayable(request);
        }
        prepared = AnswerTimeout.bound(prepared, settings.retries());
        SteeredBackend place = attempt.steered;
        if (place == null) {
            return rewrite(prepared, request, attempt, call);
        }
        try {
            return steer(prepared, request, attempt, place, call);
        } catch (IOException e) {
            ProxyDemandedException demanded = ProxyDemandedException.in(e);
            if (demanded == null || attempt.sent) {
                throw e;
            }
            if (settings.addressing() == Addressing.STEER) {
                throw proxyInTheWay(demanded.proxy(), attempt.backend());
            }
            return rewrite(prepared, request, attempt, call);
        }
    }

    private Response steer(Chain chain, Request request, Attempt attempt, SteeredBackend place, CallState call)
            throws IOException {
        Proxy proxy = settings.bypassProxy() ? null : chain.getProxy();
        if (proxy != null && proxy.type() != Proxy.Type.DIRECT) {
            throw proxyInTheWay(proxy, attempt.backend());
        }
        SteeredRoute route = route(chain, place);
        ConnectionRelease.before(chain, call, route.dns());
        Chain steered = steered(chain, route, request.isHttps());

        String prefix = attempt.backend().pathPrefix();
        Request.Builder wire = UnrepeatedBody.guard(request, attempt);
        if (prefix.isEmpty()) {
            return proceed(steered, wire.build(), attempt);
        }
        wire.url(Rewriting.withPrefix(request.url(), prefix));
        return withLogicalUrl(proceed(steered, wire.build(), attempt), request, attempt);
    }

    private SteeredRoute route(Chain chain, SteeredBackend place) {
        boolean askForProxies = !settings.bypassProxy() && chain.getProxy() == null;
        return place.route(chain, askForProxies ? chain.getProxySelector() : null);
    }

    private Chain steered(Chain chain, SteeredRoute route, boolean https) {
        return route.steer(settings.bypassProxy() ? chain.withProxy(Proxy.NO_PROXY) : chain, https);
    }

    /** The chain that leads to a lane, for a request of our own. */
    Chain steered(Chain chain, SteeredBackend place, boolean https) {
        return steered(chain, route(chain, place), https);
    }

    /** Whether connections under a URL can be opened beforehand: those that a proxy or a rewritten URL needs cannot. */
    boolean isSteered(HttpUrl url, Backend backend) {
        boolean direct = settings.addressing() == Addressing.STEER || !isNotBehindTheName(url, backend);
        return settings.addressing() != Addressing.REWRITE
                && direct
                && !backend.uri().getScheme().equals("udp");
    }

    private static Response proceed(Chain chain, Request request, Attempt attempt) throws IOException {
        while (true) {
            try {
                return UnrepeatedBody.unguard(chain.proceed(request));
            } catch (IOException e) {
                // Each turn has closed a connection of the pool that was dead already, so this ends.
                if (!attempt.forgetStaleExchange()) {
                    throw e;
                }
            }
        }
    }

    private Response rewrite(Chain chain, Request request, Attempt attempt, CallState call) throws IOException {
        HttpUrl url = Rewriting.toBackend(request.url(), attempt.backend());
        if (url == null) {
            throw new SteeringImpossibleException("pool \"" + pool.name() + "\": no URL can have the host of backend "
                    + FailureReport.name(attempt.backend())
                    + "; use Addressing.STEER, or another host name for the backend");
        }
        attempt.rewritten = true;
        ConnectionRelease.before(chain, call, chain.getDns());
        Request wire = UnrepeatedBody.guard(request, attempt).url(url).build();
        Response response =
                UnrepeatedBody.unguard(chain.withSocketFactory(new NoDelaySocketFactory(chain.getSocketFactory()))
                        .proceed(wire));
        return withLogicalUrl(response, request, attempt);
    }

    /** The response as one to the logical URL, unless a redirect has led away from the backend. */
    private Response withLogicalUrl(Response response, Request request, Attempt attempt) {
        Request wire = response.request();
        if (!pool.leadsTo(attempt, wire.url())) {
            return response;
        }
        HttpUrl logical = Rewriting.toLogical(wire.url(), request.url(), attempt.backend());
        return response.newBuilder()
                .request(wire.newBuilder().url(logical).build())
                .build();
    }

    private SteeringImpossibleException proxyInTheWay(Proxy proxy, Backend backend) {
        return new SteeringImpossibleException("pool \"" + pool.name() + "\": backend " + FailureReport.name(backend)
                + " cannot be steered to through a proxy, and the client has one for it: " + proxy
                + "; use Addressing.AUTO or REWRITE to reach the backend through the proxy, or bypassProxy() to connect"
                + " directly");
    }
}
