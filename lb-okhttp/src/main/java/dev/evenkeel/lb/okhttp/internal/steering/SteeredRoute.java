package dev.evenkeel.lb.okhttp.internal.steering;

import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import javax.net.SocketFactory;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSession;
import okhttp3.Dns;
import okhttp3.Interceptor.Chain;
import org.jspecify.annotations.Nullable;

/**
 * The Dns, socket factory and host name verifier that steer a chain to one lane, for one combination of what the user
 * configured. They are the same for every call, because OkHttp compares them to find a pooled connection.
 */
public final class SteeredRoute {
    private final ConnectionLane target;
    private final Dns userDns;
    private final SocketFactory userSockets;
    private final HostnameVerifier userVerifier;
    /** Null if there are no proxies to ask for: the user set none, or bypasses them. */
    private final @Nullable ProxySelector userProxies;

    private final SteeredDns dns;
    private final SteeredSocketFactory sockets;
    private final HostnameVerifier verifier;

    SteeredRoute(ConnectionLane target, Chain chain, @Nullable ProxySelector userProxies) {
        this.target = target;
        this.userDns = chain.getDns();
        this.userSockets = chain.getSocketFactory();
        this.userVerifier = chain.getHostnameVerifier();
        this.userProxies = userProxies;
        this.dns = new SteeredDns(target.logicalHost(), target.endpoint(), userDns);
        this.sockets = new SteeredSocketFactory(this);
        this.verifier = new OwnConnection(userVerifier);
    }

    @SuppressWarnings("ReferenceEquality") // OkHttp itself goes by identity, and a user's equals may cost
    boolean isFor(Chain chain, @Nullable ProxySelector proxies) {
        return userDns == chain.getDns()
                && userSockets == chain.getSocketFactory()
                && userProxies == proxies
                && userVerifier == chain.getHostnameVerifier();
    }

    /**
     * Steers a chain to the backend.
     *
     * @param https whether the request is an https one
     */
    public Chain steer(Chain chain, boolean https) {
        Chain steered = chain.withDns(dns).withSocketFactory(sockets);
        if (chain.getProxy() == null) {
            // A proxy would connect to the logical host. The ProxySelector is asked for each connection: checkProxy.
            steered = steered.withProxy(Proxy.NO_PROXY);
        }
        if (https) {
            steered = steered.withHostnameVerifier(verifier);
        }
        return steered;
    }

    /** Throws if the user's ProxySelector now returns a proxy for the backend. */
    void checkProxy() throws ProxyRequiredException {
        if (userProxies != null) {
            Proxy proxy = firstProxy(userProxies, target.httpUri());
            if (proxy != null) {
                target.proxied(true);
                throw new ProxyRequiredException(proxy);
            }
        }
    }

    /** The first proxy that a selector returns for a backend; null if that is a direct connection. */
    public static @Nullable Proxy firstProxy(ProxySelector selector, URI backend) {
        List<Proxy> proxies;
        try {
            proxies = selector.select(backend);
        } catch (IllegalArgumentException e) {
            // A misconfigured system proxy; OkHttp takes it for none, too.
            return null;
        }
        if (proxies == null || proxies.isEmpty() || proxies.get(0).type() == Proxy.Type.DIRECT) {
            return null;
        }
        return proxies.get(0);
    }

    public SteeredDns dns() {
        return dns;
    }

    SocketFactory userSockets() {
        return userSockets;
    }

    ConnectionLane target() {
        return target;
    }

    /**
     * Wraps the user's verifier. OkHttp shares h2 connections between hosts with one certificate, address
     * and port, but only under its own verifier. The port that it knows is the logical one: it would use the connection
     * to an unrelated server, to which a redirect led, as one to our backend.
     */
    private record OwnConnection(HostnameVerifier delegate) implements HostnameVerifier {
        @Override
        public boolean verify(String hostname, SSLSession session) {
            return delegate.verify(hostname, session);
        }
    }
}
