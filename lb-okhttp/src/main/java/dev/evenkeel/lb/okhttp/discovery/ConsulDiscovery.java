package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.core.internal.time.Durations;
import dev.evenkeel.lb.okhttp.internal.discovery.consul.ConsulSession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The healthy instances of a service in Consul, by blocking queries of {@code /v1/health/service}: a change is here as
 * soon as Consul knows it.
 *
 * <pre>{@code
 * LoadBalancers.builder("users")
 *         .discovery(ConsulDiscovery.builder(client, "users", "http://127.0.0.1:8500").build())
 *         .build();
 * }</pre>
 *
 * <p>A backend's id is {@code address:port}, the weight that of {@code Weights.Passing}, the metadata that of the
 * service's Meta with {@code consul.tags}, {@code consul.service.id} and {@code consul.node} besides. An instance that
 * cannot be read is left out and reported. Of two registrations with one address the one with the better health counts,
 * or else the first.
 *
 * <p>Immutable; each pool that starts it has a thread and queries of its own.
 */
public final class ConsulDiscovery implements BackendDiscovery {
    private final OkHttpClient client;
    private final String service;
    private final List<RegistryServer> servers;
    private final Map<String, List<String>> query;
    private final @Nullable Supplier<String> token;
    private final String scheme;
    private final String zoneKey;
    private final Duration watchTimeout;
    private final Duration minInterval;
    private final RegistryBackoff backoff;

    private ConsulDiscovery(Builder builder) {
        this.client = builder.client;
        this.service = builder.name;
        this.servers = builder.servers;
        Map<String, List<String>> copy = new LinkedHashMap<>();
        builder.query.forEach((name, values) -> copy.put(name, List.copyOf(values)));
        this.query = copy;
        this.token = builder.token;
        this.scheme = builder.scheme;
        this.zoneKey = builder.zoneKey;
        this.watchTimeout = builder.watchTimeout;
        this.minInterval = builder.minInterval;
        this.backoff = builder.backoff;
    }

    /**
     * Starts a description.
     *
     * @param client makes the requests; lends TLS settings, Dns, proxy and interceptors
     * @param service its name
     * @param server an agent, such as {@code http://127.0.0.1:8500}
     * @param others agents that are asked when one fails
     * @return a builder: only instances that pass all checks, no token
     * @throws IllegalArgumentException if the name is blank or a URL is none
     */
    public static Builder builder(OkHttpClient client, String service, String server, String... others) {
        return new Builder(client, Messages.name("service", service), RegistryServers.parse(server, others));
    }

    @Override
    public Watch start(Receiver receiver) {
        RegistryClient registry = new RegistryClient(client);
        return RegistryWatch.start(
                toString(),
                receiver,
                registry,
                backoff,
                new ConsulSession(
                        registry,
                        new RegistryServers(servers),
                        service,
                        query,
                        token,
                        scheme,
                        zoneKey,
                        watchTimeout,
                        minInterval));
    }

    @Override
    public String toString() {
        return "Consul service " + service;
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder extends RegistryBuilder<Builder> {
        private final Map<String, List<String>> query = new LinkedHashMap<>(Map.of("passing", List.of("true")));
        private @Nullable Supplier<String> token;
        private String scheme = "";
        private String zoneKey = "zone";
        private Duration watchTimeout = Duration.ofMinutes(1);
        private Duration minInterval = Duration.ofMillis(200);

        private Builder(OkHttpClient client, String service, List<RegistryServer> servers) {
            super(client, service, servers);
        }

        /**
         * Lists instances with a check in the state warning, too, under their {@code Weights.Warning}; not those for
         * which that is 0. By default they are left out.
         *
         * @return this
         */
        public Builder includeWarning() {
            query.remove("passing");
            return this;
        }

        /**
         * Lists only instances with a tag. Several calls ask for several tags.
         *
         * @param tag of the service
         * @return this
         */
        public Builder tag(String tag) {
            query.computeIfAbsent("tag", name -> new ArrayList<>()).add(Messages.name("tag", tag));
            return this;
        }

        /**
         * Lists only instances that a filter of Consul's lets pass.
         *
         * @param expression such as {@code Service.Meta.version == "2"}
         * @return this
         */
        public Builder filter(String expression) {
            query.put("filter", List.of(Messages.name("filter", expression)));
            return this;
        }

        /**
         * Sets the datacenter.
         *
         * @param datacenter default the agent's own
         * @return this
         */
        public Builder datacenter(String datacenter) {
            query.put("dc", List.of(Messages.name("datacenter", datacenter)));
            return this;
        }

        /**
         * Sets the namespace, which only Consul Enterprise has.
         *
         * @param namespace default that of the token
         * @return this
         */
        public Builder namespace(String namespace) {
            query.put("ns", List.of(Messages.name("namespace", namespace)));
            return this;
        }

        /**
         * Lets any server of Consul answer, not only its leader: cheaper, possible without a leader, and usually some
         * milliseconds behind.
         *
         * @return this
         */
        public Builder stale() {
            query.put("stale", List.of(""));
            return this;
        }

        /**
         * Sets the ACL token.
         *
         * @param token asked for before each query; in no log and no error's text
         * @return this
         */
        public Builder token(Supplier<String> token) {
            this.token = token;
            return this;
        }

        /**
         * Sets the scheme of the backends. By default each instance says it: by {@code scheme} of its Meta if that is
         * {@code http} or {@code https}, or else by {@code secure=true} in its Meta or among its tags, which means
         * {@code https}; without either it is {@code http}.
         *
         * @param scheme {@code http}, {@code https}, {@code tcp} or {@code udp}, whatever instances say
         * @return this
         */
        public Builder scheme(String scheme) {
            this.scheme = checkedScheme(scheme);
            return this;
        }

        /**
         * Sets where a backend's zone stands, if the locality of service or node does not say it.
         *
         * @param key of the service's Meta, or else of the node's; default {@code zone}
         * @return this
         */
        public Builder zoneKey(String key) {
            zoneKey = Messages.name("zoneKey", key);
            return this;
        }

        /**
         * Sets how long a query waits for a change. A connection that has died without a word is noticed some 20 s
         * later.
         *
         * @param watchTimeout 1 s to 10 min; default 1 min
         * @return this
         */
        public Builder watchTimeout(Duration watchTimeout) {
            this.watchTimeout = checkedWatchTimeout(watchTimeout, Duration.ofMinutes(10));
            return this;
        }

        /**
         * Sets the least time between an answer and the next query, for services that change all the time.
         *
         * @param interval positive; default 200 ms
         * @return this
         */
        public Builder minInterval(Duration interval) {
            minInterval = Durations.positive("minInterval", interval);
            return this;
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Makes the source.
         *
         * @return a source
         */
        public ConsulDiscovery build() {
            return new ConsulDiscovery(this);
        }
    }
}
