package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.affinity.RequestHint;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.connection.BackendCredentials;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpClassPathCheck;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.route.ForwardedHeaders;
import dev.evenkeel.lb.okhttp.route.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Sets what differs from the defaults. Each setter refuses null and values out of range. Reusable; not thread-safe. */
public final class LoadBalancingBuilder {
    private static final Duration MIN_KEEP_ALIVE = Duration.ofMillis(1);
    private static final Duration MAX_KEEP_ALIVE = Duration.ofHours(1);

    private final Map<String, LoadBalancer> pools = new LinkedHashMap<>();
    private Addressing addressing = ClientConfig.DEFAULT.addressing();
    private RetryPolicy retries = ClientConfig.DEFAULT.retries();
    private boolean bypassProxy = ClientConfig.DEFAULT.bypassProxy();
    private boolean allowCleartextBackends = ClientConfig.DEFAULT.allowCleartextBackends();
    private boolean allowUnpinnedBackends = ClientConfig.DEFAULT.allowUnpinnedBackends();
    private OutcomeClassifier outcomes = ClientConfig.DEFAULT.outcomes();
    private ConnectionPolicy connections = ClientConfig.DEFAULT.connections();
    private @Nullable AffinityKey affinityKey;
    private @Nullable ClientAddress clientAddress;
    private @Nullable SessionPolicy sessions;
    private @Nullable Subset subset;
    private final List<Route> routes = new ArrayList<>();
    private boolean routed;
    private ForwardedHeaders forwarded = ClientConfig.DEFAULT.forwarded();
    private @Nullable BackendCredentials credentials;
    private boolean keepConnectionPool;
    private int maxIdleConnections = -1;
    private @Nullable Duration keepAliveDuration;

    LoadBalancingBuilder() {}

    /**
     * Adds pools.
     *
     * @param pools each with a name of its own, which is the host that it claims
     * @return this
     * @throws IllegalArgumentException if one is null, has a name that was added before, or one that cannot be a
     *     host
     */
    public LoadBalancingBuilder pools(LoadBalancer... pools) {
        Preconditions.notNull(pools, "pools");
        for (LoadBalancer pool : pools) {
            Preconditions.notNull(pool, "pool");
            String host = AttachedPool.hostOf(pool);
            if (this.pools.putIfAbsent(host, pool) != null) {
                throw new IllegalArgumentException("pools must have different names: two are called \"" + host + "\"");
            }
        }
        return this;
    }

    /**
     * Sets how requests reach backends.
     *
     * @param addressing default {@link Addressing#AUTO}
     * @return this
     */
    public LoadBalancingBuilder addressing(Addressing addressing) {
        Preconditions.notNull(addressing, "addressing");
        this.addressing = addressing;
        return this;
    }

    /**
     * Sets how often a request is sent at most, and leaves the rest of the {@link #retries retry policy} as it is:
     * to another backend each time, as long as there is one.
     *
     * <p>A request that was never sent goes to another backend whatever its method; one that may have been
     * processed only if its method is idempotent or it has an {@code Idempotency-Key} header, and its body can be
     * sent again. The statuses 429,
     * 500, 502, 503 and 504 count as failures of the latter kind. A response that was returned to the caller is
     * final, even if its body breaks off. If the client's {@code retryOnConnectionFailure} is off, only
     * what was never sent goes elsewhere.
     *
     * @param maxAttempts 1 (no failover) to 100, refused connections included; default 3, and up to 3 more where
     *     connections were refused
     * @return this
     */
    public LoadBalancingBuilder maxAttempts(int maxAttempts) {
        this.retries = retries.toBuilder().maxAttempts(maxAttempts).build();
        return this;
    }

    /**
     * Sets the classifier of outcomes, for all pools.
     *
     * @param classifier default {@link OutcomeClassifier#standard()}
     * @return this
     */
    public LoadBalancingBuilder outcomes(OutcomeClassifier classifier) {
        Preconditions.notNull(classifier, "outcomes");
        outcomes = classifier;
        return this;
    }

    /**
     * Sets the affinity key of requests, for pools whose strategy is {@code consistentHash}.
     *
     * @param key default none: requests go anywhere
     * @return this
     * @throws IllegalArgumentException if null
     */
    public LoadBalancingBuilder affinityKey(AffinityKey key) {
        Preconditions.notNull(key, "affinityKey");
        affinityKey = key;
        return this;
    }

    /**
     * Sets how the address of the served client is found, for pools whose strategy is {@code ipHash}.
     *
     * @param address default unknown: all requests count as one client's
     * @return this
     */
    public LoadBalancingBuilder clientAddress(ClientAddress address) {
        Preconditions.notNull(address, "clientAddress");
        clientAddress = address;
        return this;
    }

    /**
     * Sets how sessions are bound to backends, under every strategy.
     *
     * @param policy default none
     * @return this
     */
    public LoadBalancingBuilder sessions(SessionPolicy policy) {
        Preconditions.notNull(policy, "sessions");
        sessions = policy;
        return this;
    }

    /**
     * Restricts requests to the backends that have certain metadata. A {@link RequestHint} goes before it.
     *
     * @param wanted default none: what the pool's {@code SubsetPolicy} makes of requests that want no subset
     * @return this
     * @throws IllegalArgumentException if null
     */
    public LoadBalancingBuilder subset(Subset wanted) {
        Preconditions.notNull(wanted, "subset");
        subset = wanted;
        return this;
    }

    /**
     * Sets the retry policy.
     *
     * @param retries default {@link RetryPolicy#standard}
     * @return this
     * @throws IllegalArgumentException if null
     */
    public LoadBalancingBuilder retries(RetryPolicy retries) {
        Preconditions.notNull(retries, "retries");
        this.retries = retries;
        return this;
    }

    /**
     * Sets how connections to backends are kept.
     *
     * @param policy default: one lane to a backend, without an age limit, opened when it is needed
     * @return this
     * @throws IllegalArgumentException if null
     */
    public LoadBalancingBuilder connections(ConnectionPolicy policy) {
        Preconditions.notNull(policy, "connections");
        connections = policy;
        return this;
    }

    /**
     * Adds a route after the present ones. A request goes by the first route that takes it; if none does, to the
     * pool whose name is its host; any other request passes untouched.
     *
     * @param route to pools that this builder has, or will have
     * @return this
     * @throws IllegalArgumentException if null
     */
    public LoadBalancingBuilder route(Route route) {
        Preconditions.notNull(route, "route");
        routes.add(route);
        routed = true;
        return this;
    }

    /**
     * Replaces the routes. An empty list makes room for later routes:
     * {@link LoadBalancingInterceptor#reconfigure}.
     *
     * @param routes in their order
     * @return this
     * @throws IllegalArgumentException if one is null
     */
    public LoadBalancingBuilder routes(List<Route> routes) {
        Preconditions.notNull(routes, "routes");
        routes.forEach(route -> Preconditions.notNull(route, "route"));
        this.routes.clear();
        this.routes.addAll(routes);
        routed = true;
        return this;
    }

    /**
     * Sets the headers that tell backends about the client that is served. A route may have its own.
     *
     * @param forwarded default {@link ForwardedHeaders#OFF}
     * @return this
     */
    public LoadBalancingBuilder forwarded(ForwardedHeaders forwarded) {
        Preconditions.notNull(forwarded, "forwarded");
        this.forwarded = forwarded;
        return this;
    }

    /**
     * Sets headers that only one backend each gets, such as credentials.
     *
     * @param credentials default none
     * @return this
     */
    public LoadBalancingBuilder credentials(BackendCredentials credentials) {
        Preconditions.notNull(credentials, "credentials");
        this.credentials = credentials;
        return this;
    }

    /**
     * Makes steered connections go straight to the backends although the client has a proxy. Without it such
     * backends are reached through the proxy by {@link Addressing#REWRITE}, and {@link Addressing#STEER} refuses.
     *
     * @return this
     */
    public LoadBalancingBuilder bypassProxy() {
        bypassProxy = true;
        return this;
    }

    /**
     * Lets an {@code https} call be sent in clear text to a backend whose URI is {@code http}. Given up is the
     * encryption: such a backend, and every machine on the way to it, reads headers, cookies and bodies. Without it
     * such backends are passed over, and a call that finds no other one fails with a
     * {@link NoBackendAvailableException}.
     *
     * <p>For backends behind a sidecar or a tunnel that encrypts. It matters under {@link Addressing#AUTO} and
     * {@link Addressing#REWRITE}; {@link Addressing#STEER} always speaks TLS for an {@code https} call.
     *
     * @return this
     */
    public LoadBalancingBuilder allowCleartextBackends() {
        allowCleartextBackends = true;
        return this;
    }

    /**
     * Lets an {@code https} call be sent to a backend under the backend's own name although the client's
     * {@link okhttp3.CertificatePinner} has pins for the host of the URL. Given up are these pins: any certificate
     * for the backend's name that the client trusts will do. Without it such backends are passed over, unless the
     * pinner has pins for the backend's host too, and no others than for the host of the URL.
     *
     * <p>It matters under {@link Addressing#AUTO}, for an {@code https} backend with a host name of its own or
     * behind a proxy, and under {@link Addressing#REWRITE}; {@link Addressing#STEER} always checks the pins.
     *
     * @return this
     */
    public LoadBalancingBuilder allowUnpinnedBackends() {
        allowUnpinnedBackends = true;
        return this;
    }

    /**
     * Sets how many idle connections {@link #attach} makes room for, of all pools and hosts, in a new ConnectionPool.
     *
     * @param maxIdleConnections at least 1; default the client's own, or for OkHttp's 5 it is 8 for each backend, at least 256
     * @return this
     */
    public LoadBalancingBuilder maxIdleConnections(int maxIdleConnections) {
        if (maxIdleConnections < 1) {
            throw new IllegalArgumentException("maxIdleConnections must be at least 1: " + maxIdleConnections);
        }
        this.maxIdleConnections = maxIdleConnections;
        keepConnectionPool = false;
        return this;
    }

    /**
     * Sets how long {@link #attach} lets idle connections be kept, in a new ConnectionPool.
     *
     * @param keepAlive 1 ms to 1 h; default that of the client's ConnectionPool, which is 5 min in OkHttp
     * @return this
     */
    public LoadBalancingBuilder keepAliveDuration(Duration keepAlive) {
        keepAliveDuration = Preconditions.within(keepAlive, MIN_KEEP_ALIVE, MAX_KEEP_ALIVE, "keepAliveDuration");
        keepConnectionPool = false;
        return this;
    }

    /**
     * Makes {@link #attach} keep the client's own ConnectionPool even if it has OkHttp's limits (5 idle connections, 5 min),
     * or where the limits cannot be read because OkHttp is a named module. A pool with other limits is kept anyway.
     *
     * @return this
     */
    public LoadBalancingBuilder keepConnectionPool() {
        keepConnectionPool = true;
        maxIdleConnections = -1;
        keepAliveDuration = null;
        return this;
    }

    /**
     * Attaches the pools to a client.
     *
     * <p>The result shares everything with the client but three things. It has the interceptor, as the last one,
     * and a network interceptor if there are routes, forwarded headers or credentials. It has
     * a Dispatcher of its own, on the same executor, without a limit by host, unless the limit of the client's was
     * not the default of 5; the default limit of 64 over all hosts becomes 5 for each backend where that is more.
     * It keeps the client's ConnectionPool if that has limits of its own; one with OkHttp's limits is replaced by
     * another one, with room for idle connections to every backend, which keeps them as long. Bind metrics of connections
     * to the ConnectionPool of the result. {@link LoadBalancing#describe} says what was changed.
     *
     * @param client the client; it is not changed
     * @return an ordinary client
     * @throws IllegalArgumentException if the client is null, there is no pool, the client has a pool of one of
     *     these names already, or the routes are not possible
     * @throws IllegalStateException if the OkHttp in use is older than 5.4: the text names the jars that were found
     */
    public OkHttpClient attach(OkHttpClient client) {
        OkHttpClassPathCheck.check();
        Preconditions.notNull(client, "client");
        return attachment().attach(client);
    }

    /**
     * Makes the interceptor alone. Its class comment says what is lost. With routes, forwarded headers and
     * credentials there is more: responses to paths that are rewritten are not cached; a redirect to another host
     * takes along what was set in the request's headers, but where the request has credentials of a backend, its
     * call fails instead.
     *
     * @return a new interceptor
     * @throws IllegalArgumentException without a pool, with impossible routes, or if connections are to be warmed up
     * @throws IllegalStateException if the OkHttp in use is older than 5.4: the text names the jars that were found
     */
    public LoadBalancingInterceptor interceptor() {
        OkHttpClassPathCheck.check();
        return attachment().interceptor();
    }

    /** The configuration as it is now. */
    ClientAttachment attachment() {
        ClientConfig settings = new ClientConfig(
                addressing,
                retries,
                bypassProxy,
                allowCleartextBackends,
                allowUnpinnedBackends,
                outcomes,
                connections,
                affinityKey,
                clientAddress,
                sessions,
                subset,
                forwarded,
                credentials);
        boolean edits = routed || credentials != null || !Objects.equals(forwarded, ForwardedHeaders.OFF);
        return new ClientAttachment(
                new LinkedHashMap<>(pools),
                settings,
                List.copyOf(routes),
                edits,
                keepConnectionPool,
                maxIdleConnections,
                keepAliveDuration);
    }
}
