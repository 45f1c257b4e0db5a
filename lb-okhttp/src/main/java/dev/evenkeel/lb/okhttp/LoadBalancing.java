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
import dev.evenkeel.lb.okhttp.internal.call.Attempt;
import dev.evenkeel.lb.okhttp.internal.call.CallFailure;
import dev.evenkeel.lb.okhttp.internal.call.CallState;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import dev.evenkeel.lb.okhttp.internal.call.NetworkEditInterceptor;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpClassPathCheck;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.okhttp.internal.routing.ClientRouting;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.internal.steering.ClientLimits;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.route.ForwardedHeaders;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Attaches pools to OkHttp clients.
 *
 * <pre>{@code
 * OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), users);
 * }</pre>
 *
 * <p>A pool claims the requests whose URL has the pool's name as its host, on any port; every other request passes
 * untouched.
 */
public final class LoadBalancing {
    private LoadBalancing() {}

    /**
     * Attaches pools to a client, with every default.
     *
     * @param client the client; it is not changed
     * @param pools at least one, each with a name of its own
     * @return an ordinary client, see {@link Builder#attach}
     * @throws IllegalArgumentException if an argument is null, there is no pool, two pools have one name, or the client
     *     has a pool of that name already
     * @throws IllegalStateException if the OkHttp in use is older than 5.4: the text names the jars that were found
     */
    public static OkHttpClient attach(OkHttpClient client, LoadBalancer... pools) {
        return builder().pools(pools).attach(client);
    }

    /**
     * Starts a configuration.
     *
     * @return a builder with every default and without pools
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes calls of a client that go to a second backend when the first takes long.
     *
     * <pre>{@code
     * Call.Factory calls = LoadBalancing.hedging(client, HedgePolicy.standard());
     * }</pre>
     *
     * @param client one with pools attached
     * @param policy when
     * @return a factory, for Retrofit's {@code callFactory} too
     * @throws IllegalArgumentException if an argument is null, or the client has no pool
     */
    public static HedgingCallFactory hedging(OkHttpClient client, HedgePolicy policy) {
        Preconditions.notNull(client, "client");
        Preconditions.notNull(policy, "policy");
        return hedging(client, () -> policy);
    }

    /**
     * The same with a policy that may change, such as one from a configuration of the application's own.
     *
     * @param client one with pools attached
     * @param policy asked at each call, on its thread; gives null while there is none, and then calls are hedged only
     *     on routes that have a policy of their own
     * @return a factory, for Retrofit's {@code callFactory} too
     * @throws IllegalArgumentException if an argument is null, or the client has no pool
     */
    public static HedgingCallFactory hedging(OkHttpClient client, Supplier<@Nullable HedgePolicy> policy) {
        Preconditions.notNull(client, "client");
        Preconditions.notNull(policy, "policy");
        if (client.interceptors().stream().noneMatch(LoadBalancingInterceptor.class::isInstance)) {
            throw new IllegalArgumentException(
                    "the client must have a pool attached: call LoadBalancing.attach first, and pass what it returns");
        }
        return new HedgingCallFactory(client, policy);
    }

    /**
     * What a call did until now.
     *
     * @param response a response of a client with pools attached, or one that an interceptor derived from it
     * @return empty if no pool claimed the request
     */
    public static Optional<CallTrace> trace(Response response) {
        Attempt attempt = response.request().tag(Attempt.class);
        return attempt == null ? Optional.empty() : Optional.of(attempt.callTrace());
    }

    /**
     * What a call did until now.
     *
     * @param call a call of a client with pools attached
     * @return empty if no pool has claimed its request
     */
    public static Optional<CallTrace> trace(Call call) {
        CallState state = CallState.find(call);
        return state == null ? Optional.empty() : Optional.ofNullable(state.trace());
    }

    /**
     * What a call did before it failed.
     *
     * @param failure an exception that the call threw, or one that has it as a cause
     * @return empty if it was not one of a request whose attempts failed; for cancelled calls use {@link #trace(Call)}
     */
    public static Optional<CallTrace> trace(IOException failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 16; depth++) {
            if (cause instanceof CallFailure.Traced traced) {
                return Optional.of(traced.trace());
            } else if (cause instanceof NoBackendAvailableException unavailable) {
                return Optional.of(new CallTrace(unavailable.unavailable().pool(), List.of()));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /**
     * The interceptor of an attached client, to change its configuration.
     *
     * @param client a client
     * @return the last one; empty if the client has no pool
     */
    public static Optional<LoadBalancingInterceptor> interceptor(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .map(LoadBalancingInterceptor.class::cast)
                .reduce((first, second) -> second);
    }

    /**
     * The pools of a client.
     *
     * @param client a client
     * @return empty if it has none
     */
    public static List<LoadBalancer> pools(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).pools())
                .toList();
    }

    /**
     * What is left of a client's retry budgets.
     *
     * @param client a client
     * @return one for each pool, and one for each pool of a route that has a retry policy of its own
     */
    public static List<RetryBudgetStatus> budgets(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).budgets().stream())
                .toList();
    }

    /**
     * The counts of copies that the mirrors of a client's routes have sent.
     *
     * @param client a client
     * @return in the order of the routes; empty if there is no mirror
     */
    public static List<MirrorStats> mirrors(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return client.interceptors().stream()
                .filter(LoadBalancingInterceptor.class::isInstance)
                .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).mirrors().stream())
                .toList();
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder {
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

        private Builder() {}

        /**
         * Adds pools.
         *
         * @param pools each with a name of its own, which is the host that it claims
         * @return this
         * @throws IllegalArgumentException if one is null, has a name that was added before, or one that cannot be a
         *     host
         */
        public Builder pools(LoadBalancer... pools) {
            Preconditions.notNull(pools, "pools");
            for (LoadBalancer pool : pools) {
                Preconditions.notNull(pool, "pool");
                String host = AttachedPool.hostOf(pool);
                if (this.pools.putIfAbsent(host, pool) != null) {
                    throw new IllegalArgumentException(
                            "pools must have different names: two are called \"" + host + "\"");
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
        public Builder addressing(Addressing addressing) {
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
         * @param attempts 1 (no failover) to 100, refused connections included; default 3, and up to 3 more where
         *     connections were refused
         * @return this
         */
        public Builder attempts(int attempts) {
            this.retries = retries.toBuilder().attempts(attempts).build();
            return this;
        }

        /**
         * Sets the classifier of outcomes, for all pools.
         *
         * @param classifier default {@link OutcomeClassifier#standard()}
         * @return this
         */
        public Builder outcomes(OutcomeClassifier classifier) {
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
        public Builder affinityKey(AffinityKey key) {
            Preconditions.notNull(key, "affinityKey");
            affinityKey = key;
            return this;
        }

        /**
         * Sets how the address of the served client is found, for pools whose strategy is {@code ipHash}.
         *
         * @param address default unknown: all requests count as one client's
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder clientAddress(ClientAddress address) {
            Preconditions.notNull(address, "clientAddress");
            clientAddress = address;
            return this;
        }

        /**
         * Sets how sessions are bound to backends, under every strategy.
         *
         * @param policy default none
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder sessions(SessionPolicy policy) {
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
        public Builder subset(Subset wanted) {
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
        public Builder retries(RetryPolicy retries) {
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
        public Builder connections(ConnectionPolicy policy) {
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
        public Builder route(Route route) {
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
        public Builder routes(List<Route> routes) {
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
         * @throws IllegalArgumentException if null
         */
        public Builder forwarded(ForwardedHeaders forwarded) {
            Preconditions.notNull(forwarded, "forwarded");
            this.forwarded = forwarded;
            return this;
        }

        /**
         * Sets headers that only one backend each gets, such as credentials.
         *
         * @param credentials default none
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder credentials(BackendCredentials credentials) {
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
        public Builder bypassProxy() {
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
        public Builder allowCleartextBackends() {
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
        public Builder allowUnpinnedBackends() {
            allowUnpinnedBackends = true;
            return this;
        }

        /**
         * Sets the number of idle connections that {@link #attach} makes room for, for all pools and hosts together.
         *
         * @param maxIdleConnections at least 1; default 8 for each backend and at least 256
         * @return this
         */
        public Builder maxIdleConnections(int maxIdleConnections) {
            if (maxIdleConnections < 1) {
                throw new IllegalArgumentException("maxIdleConnections must be at least 1: " + maxIdleConnections);
            }
            this.maxIdleConnections = maxIdleConnections;
            keepConnectionPool = false;
            return this;
        }

        /**
         * Makes {@link #attach} keep the client's own ConnectionPool. For a pool whose limits you set: OkHttp does not
         * let us read them.
         *
         * @return this
         */
        public Builder keepConnectionPool() {
            keepConnectionPool = true;
            maxIdleConnections = -1;
            return this;
        }

        /**
         * Attaches the pools to a client.
         *
         * <p>The result shares everything with the client but three things. It has the interceptor, as the last one,
         * and a network interceptor if there are routes, forwarded headers or credentials. It has
         * a Dispatcher of its own, on the same executor, without a limit by host, unless the limit of the client's was
         * not the default of 5; the default limit of 64 over all hosts becomes 5 for each backend where that is more.
         * It has a ConnectionPool of its own, with room for idle connections to every backend.
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
            checkNotAttached(client);
            int backends = backends(client);
            LoadBalancingInterceptor balancing = newInterceptor(client);
            OkHttpClient.Builder attached = client.newBuilder()
                    .dispatcher(ClientLimits.dispatcher(client, backends))
                    .addInterceptor(balancing);
            if (needsWire()) {
                attached.addNetworkInterceptor(new NetworkEditInterceptor());
            }
            if (!keepConnectionPool) {
                attached.connectionPool(connectionPool(backends));
            }
            OkHttpClient result = attached.build();
            balancing.warmUp(result);
            return result;
        }

        /**
         * Makes the interceptor alone. Its class comment says what is lost. With routes, forwarded headers and
         * credentials there is more: responses to paths that are rewritten are not cached; a redirect to another host
         * takes along what was set in the request's headers, but where the request has credentials of a backend, its
         * call fails instead.
         *
         * @return a new interceptor
         * @throws IllegalArgumentException if there is no pool, the routes are not possible, or connections are to be
         *     warmed up
         * @throws IllegalStateException if the OkHttp in use is older than 5.4: the text names the jars that were found
         */
        public LoadBalancingInterceptor interceptor() {
            OkHttpClassPathCheck.check();
            if (connections.warmUp() != null) {
                throw new IllegalArgumentException(
                        "connections cannot be warmed up by an interceptor alone: it does not know"
                                + " its client; use attach");
            }
            return newInterceptor(null);
        }

        private LoadBalancingInterceptor newInterceptor(@Nullable OkHttpClient client) {
            return new LoadBalancingInterceptor(routing(client));
        }

        private ClientRouting routing(@Nullable OkHttpClient client) {
            RouteTable table = table();
            return ClientRouting.of(pools.values(), settings(), table, client, client != null && needsWire());
        }

        ClientRouting routing(ClientRouting before) {
            return before.next(pools.values(), settings(), table());
        }

        private boolean needsWire() {
            return routed || credentials != null || !forwarded.equals(ForwardedHeaders.OFF);
        }

        private ClientConfig settings() {
            return new ClientConfig(
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
        }

        /** Checks the settings together. */
        private RouteTable table() {
            return ClientRouting.table(pools.values(), routes);
        }

        private ConnectionPool connectionPool(int backends) {
            return maxIdleConnections < 0
                    ? ClientLimits.connectionPool(backends)
                    : ClientLimits.connectionPoolOf(maxIdleConnections);
        }

        private void checkNotAttached(OkHttpClient client) {
            for (Interceptor interceptor : client.interceptors()) {
                if (interceptor instanceof LoadBalancingInterceptor present) {
                    present.hosts().filter(pools::containsKey).findFirst().ifPresent(host -> {
                        throw new IllegalArgumentException(
                                "the client must not have a pool of the same name attached already: \"" + host + "\"");
                    });
                }
            }
        }

        /** The number of backends of these pools and of the client's present pools. */
        private int backends(OkHttpClient client) {
            Stream<LoadBalancer> present = client.interceptors().stream()
                    .filter(LoadBalancingInterceptor.class::isInstance)
                    .flatMap(interceptor -> ((LoadBalancingInterceptor) interceptor).pools());
            return Stream.concat(pools.values().stream(), present)
                    .mapToInt(pool -> pool.snapshot().backends().size())
                    .sum();
        }
    }
}
