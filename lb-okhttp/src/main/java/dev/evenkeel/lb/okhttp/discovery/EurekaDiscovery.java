package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.core.internal.time.Durations;
import dev.evenkeel.lb.okhttp.internal.discovery.eureka.EurekaApplications;
import dev.evenkeel.lb.okhttp.internal.discovery.eureka.EurekaInstanceReader;
import dev.evenkeel.lb.okhttp.internal.discovery.eureka.EurekaSession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.List;
import okhttp3.OkHttpClient;

/**
 * The instances of an application in Eureka that are {@code UP}: all applications once, then what has changed, every 30
 * s.
 *
 * <pre>{@code
 * LoadBalancers.builder("users")
 *         .discovery(EurekaDiscovery.builder(client, "USERS", "http://127.0.0.1:8761/eureka/").build())
 *         .build();
 * }</pre>
 *
 * <p>A backend's id is {@code address:port}; its zone is that of its metadata ({@code zone}) or of its data center
 * ({@code availability-zone}), its weight that of its metadata ({@code weight}), its metadata the instance's, with
 * {@code eureka.instance.id} besides. An instance that cannot be read is left out and reported.
 *
 * <p>Immutable; each pool that starts it has a thread and requests of its own.
 */
public final class EurekaDiscovery implements BackendDiscovery {
    private final OkHttpClient client;
    private final String application;
    private final List<RegistryServer> servers;
    private final EurekaInstanceReader reader;
    private final boolean delta;
    private final Duration interval;
    private final RegistryBackoff backoff;

    private EurekaDiscovery(Builder builder) {
        this.client = builder.client;
        this.application = builder.name;
        this.servers = builder.servers;
        this.reader = new EurekaInstanceReader(builder.secure, builder.byHostName, builder.weightKey);
        this.delta = builder.delta;
        this.interval = builder.interval;
        this.backoff = builder.backoff;
    }

    /**
     * Starts a description.
     *
     * @param client makes the requests; lends TLS settings, Dns, proxy and interceptors
     * @param application its name; upper and lower case are the same
     * @param server with the path of its API, such as {@code http://127.0.0.1:8761/eureka/}; a user and a password in
     *     it are sent as basic authorization
     * @param others of the same cluster, asked when one fails
     * @return a builder: deltas, the plain port, IP addresses
     * @throws IllegalArgumentException if the name is blank or a URL is none
     */
    public static Builder builder(OkHttpClient client, String application, String server, String... others) {
        return new Builder(client, Messages.name("application", application), RegistryServers.parse(server, others));
    }

    @Override
    public Watch start(Receiver receiver) {
        RegistryClient registry = new RegistryClient(client);
        return RegistryWatch.start(
                toString(),
                receiver,
                registry,
                backoff,
                new EurekaSession(
                        registry,
                        new RegistryServers(servers),
                        application,
                        delta,
                        () -> new EurekaApplications(application, reader),
                        interval));
    }

    @Override
    public String toString() {
        return "Eureka application " + application;
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder extends RegistryBuilder<Builder> {
        private boolean secure;
        private boolean byHostName;
        private String weightKey = "weight";
        private boolean delta = true;
        private Duration interval = Duration.ofSeconds(30);

        private Builder(OkHttpClient client, String application, List<RegistryServer> servers) {
            super(client, application, servers);
        }

        /**
         * Uses the secure port of instances that have both enabled. By default it is used only where the other is not
         * enabled.
         *
         * @return this
         */
        public Builder preferSecurePort() {
            secure = true;
            return this;
        }

        /**
         * Addresses instances by their host names. By default by their IP addresses.
         *
         * @return this
         */
        public Builder byHostName() {
            byHostName = true;
            return this;
        }

        /**
         * Sets where weights stand: Eureka has none of its own.
         *
         * @param key of an instance's metadata; its value is 1 to 65,535; default {@code weight}
         * @return this
         */
        public Builder weightKey(String key) {
            weightKey = Messages.name("weightKey", key);
            return this;
        }

        /**
         * Sets whether the server is asked for what has changed, or for this application alone and for all of it each
         * time. The latter is less where a server knows many others, and more where this one is large.
         *
         * @param delta default true
         * @return this
         */
        public Builder delta(boolean delta) {
            this.delta = delta;
            return this;
        }

        /**
         * Sets how often the server is asked.
         *
         * @param interval positive, varied by ±10 %; default 30 s, which is how often servers renew what they answer
         * @return this
         */
        public Builder interval(Duration interval) {
            this.interval = Durations.positive("interval", interval);
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
        public EurekaDiscovery build() {
            return new EurekaDiscovery(this);
        }
    }
}
