package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.okhttp.internal.discovery.etcd.EtcdCredentials;
import dev.evenkeel.lb.okhttp.internal.discovery.etcd.EtcdSession;
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
import org.jspecify.annotations.Nullable;

/**
 * The backends under a prefix of etcd's keys (version 3.4 or later, over its JSON gateway): read once, then watched.
 *
 * <pre>{@code
 * LoadBalancers.builder("users")
 *         .discovery(EtcdDiscovery.builder(client, "/services/users/", "http://127.0.0.1:2379").build())
 *         .build();
 * }</pre>
 *
 * <p>Each key stands for one backend, whatever the rest of its name is. The value is {@code host:port}, the URI of a
 * backend, or a backend in JSON as a configuration has it:
 * {@code {"uri": "http://10.0.0.1:8080", "weight": 3, "zone": "a"}}, with another {@code id} than its address only if
 * that is allowed ({@link Builder#namedIds}). Keys with a lease leave the list when their
 * program dies. A value that cannot be read is left out and reported.
 *
 * <p>Immutable; each pool that starts it has a thread and a watch of its own.
 */
public final class EtcdDiscovery implements BackendDiscovery {
    private final OkHttpClient client;
    private final String prefix;
    private final List<RegistryServer> servers;
    private final String scheme;
    private final boolean namedIds;
    private final @Nullable EtcdCredentials credentials;
    private final Duration watchTimeout;
    private final RegistryBackoff backoff;

    private EtcdDiscovery(Builder builder) {
        this.client = builder.client;
        this.prefix = builder.name;
        this.servers = builder.servers;
        this.scheme = builder.scheme;
        this.namedIds = builder.namedIds;
        this.credentials = builder.credentials;
        this.watchTimeout = builder.watchTimeout;
        this.backoff = builder.backoff;
    }

    /**
     * Starts a description.
     *
     * @param client makes the requests; lends TLS settings, Dns, proxy and interceptors
     * @param prefix of the keys, such as {@code /services/users/}
     * @param server of the cluster, such as {@code http://127.0.0.1:2379}
     * @param others of the same cluster, asked when one fails
     * @return a builder: no credentials
     * @throws IllegalArgumentException if the prefix is blank or a URL is none
     */
    public static Builder builder(OkHttpClient client, String prefix, String server, String... others) {
        return new Builder(client, Messages.name("prefix", prefix), RegistryServers.parse(server, others));
    }

    @Override
    public Watch start(Receiver receiver) {
        RegistryClient registry = new RegistryClient(client);
        return RegistryWatch.start(
                toString(),
                receiver,
                registry,
                backoff,
                new EtcdSession(
                        registry,
                        new RegistryServers(servers),
                        prefix,
                        scheme,
                        namedIds,
                        credentials,
                        watchTimeout,
                        backoff));
    }

    @Override
    public String toString() {
        return "etcd prefix " + prefix;
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder extends RegistryBuilder<Builder> {
        private String scheme = "http";
        private boolean namedIds;
        private @Nullable EtcdCredentials credentials;
        private Duration watchTimeout = Duration.ofMinutes(1);

        private Builder(OkHttpClient client, String prefix, List<RegistryServer> servers) {
            super(client, prefix, servers);
        }

        /**
         * Sets the user. A token is fetched, and fetched again when a server refuses it: it has expired, or is older
         * than the last change of users and roles.
         *
         * @param user of etcd, with the right to read the prefix
         * @param password its password; in no log and no error's text
         * @return this
         */
        public Builder credentials(String user, String password) {
            credentials = new EtcdCredentials(Messages.name("user", user), password);
            return this;
        }

        /**
         * Sets the scheme of backends that are registered as {@code host:port}.
         *
         * @param scheme {@code http}, {@code https}, {@code tcp} or {@code udp}; default {@code http}
         * @return this
         */
        public Builder scheme(String scheme) {
            this.scheme = checkedScheme(scheme);
            return this;
        }

        /**
         * Lets values in JSON name the {@code id} of their backend. An id is what credentials, sessions and counters of
         * a backend are kept under, so a program that may write under the prefix can take those of another one. By
         * default a backend has the id of its address, and a value with another {@code id} is left out and reported.
         *
         * @return this
         */
        public Builder namedIds() {
            namedIds = true;
            return this;
        }

        /**
         * Sets after how long a watch over which nothing came is opened anew, at the same server. A connection that has
         * died without a word is noticed by this. That a watch is opened is waited for as long as the client's read
         * timeout.
         *
         * @param watchTimeout 1 s to 1 h; default 1 min
         * @return this
         */
        public Builder watchTimeout(Duration watchTimeout) {
            this.watchTimeout = checkedWatchTimeout(watchTimeout, Duration.ofHours(1));
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
        public EtcdDiscovery build() {
            return new EtcdDiscovery(this);
        }
    }
}
