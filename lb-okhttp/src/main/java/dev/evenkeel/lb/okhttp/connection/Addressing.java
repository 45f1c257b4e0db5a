package dev.evenkeel.lb.okhttp.connection;

import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;

/**
 * How a request reaches the backend that was chosen for it. A path prefix in the backend's URI is honoured in each.
 *
 * <p>An {@code https} call is never sent in clear text, nor under a backend's own name past certificate pins for the
 * host of the URL: where the URL would have to be rewritten for it, the backend is passed over, unless
 * {@link LoadBalancingBuilder#allowCleartextBackends} or {@link LoadBalancingBuilder#allowUnpinnedBackends} was set.
 */
public enum Addressing {
    /**
     * {@link #STEER} wherever the backend can stand behind the logical name, {@link #REWRITE} where it cannot: its
     * scheme is another one than the request's, or it speaks {@code https} under a host name of its own (its
     * certificate is for that name), or the client has a proxy for it. The default.
     */
    AUTO,
    /**
     * The URL stays logical and only the TCP connection goes to the backend. Host header, SNI, certificate, pins,
     * cookies, cache, redirects and authenticators all see the logical name. A proxy cannot be used: where the client
     * has one for the backend, the call fails with a message that says what to do, unless
     * {@link LoadBalancingBuilder#bypassProxy} was set.
     *
     * <p>OkHttp's own events and messages show the logical port. Before a failover, or when an interceptor repeats a
     * call, an {@link okhttp3.EventListener} may see a look-up of {@code connection-release.invalid}: this makes OkHttp
     * release the call's connection; nothing is sent.
     */
    STEER,
    /**
     * The URL's scheme, host and port become the backend's beneath the interceptor. The price: the backend's
     * certificate is verified for its own name, pins included, the cache and the cookies are split by backend, cookies
     * with {@code Domain=} the logical name are rejected, a redirect to the absolute logical URL leaves the balancer,
     * authenticators see the backend. {@code response.request().url()} is the logical URL again;
     * {@code networkResponse()} and {@code priorResponse()} show what went over the wire.
     */
    REWRITE
}
