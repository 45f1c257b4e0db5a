package dev.evenkeel.lb.okhttp.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignmentMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsBootstrap;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsNode;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsSession;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsSubscription;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a cluster as a control plane of xDS (version 3) sends them: EDS over ADS, a stream of gRPC over
 * HTTP/2. A change is here as soon as the control plane sends it.
 *
 * <pre>{@code
 * LoadBalancers.builder("users")
 *         .discovery(XdsDiscovery.builder(client, "users", "http://127.0.0.1:18000").build())
 *         .build();
 * }</pre>
 *
 * <p>A backend's id is {@code address:port}, the zone that of its locality, the tier its priority. Endpoints that are
 * unhealthy or draining are not in the list. An endpoint that cannot be read is left out and reported; an answer that
 * cannot be read is refused with the reason (NACK), and the list stays.
 *
 * <p>Immutable; each pool that starts it has a thread and a stream of its own.
 */
public final class XdsDiscovery implements BackendDiscovery {
    private final OkHttpClient client;
    private final List<RegistryServer> servers;
    private final XdsSubscription subscription;
    private final LoadAssignmentMapper mapper;
    private final @Nullable Supplier<String> token;
    private final RegistryBackoff backoff;

    private XdsDiscovery(Builder builder) {
        boolean tls = builder.servers.get(0).url().isHttps();
        // Without TLS nothing but prior knowledge leads to HTTP/2.
        this.client = builder.client
                .newBuilder()
                .protocols(tls ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .build();
        this.servers = builder.servers;
        this.subscription = new XdsSubscription(
                new XdsNode(
                        builder.nodeId,
                        builder.nodeCluster,
                        builder.region,
                        builder.zone,
                        builder.subZone,
                        builder.metadata.deepCopy()),
                builder.name,
                builder.cds,
                builder.delta);
        this.mapper = new LoadAssignmentMapper(builder.scheme, builder.localityWeights);
        this.token = builder.token;
        this.backoff = builder.backoff;
    }

    /**
     * Starts a description.
     *
     * @param client makes the stream; lends TLS settings, Dns, proxy and interceptors
     * @param cluster its name
     * @param server a control plane, such as {@code https://xds.internal:18000}; {@code http} is HTTP/2 without TLS
     * @param others control planes with the same clusters, asked when one fails; of the same scheme
     * @return a builder: no token, the node {@code evenkeel}, EDS alone, state of the world
     * @throws IllegalArgumentException if the name is blank, a URL is none, or their schemes differ
     */
    public static Builder builder(OkHttpClient client, String cluster, String server, String... others) {
        return new Builder(client, Messages.name("cluster", cluster), RegistryServers.parse(server, others));
    }

    /**
     * Starts a description by the bootstrap of gRPC that the environment has: the file that the variable
     * {@code GRPC_XDS_BOOTSTRAP} names, or else the JSON in {@code GRPC_XDS_BOOTSTRAP_CONFIG}. The control planes
     * ({@code xds_servers}) and the {@code node} are read, and nothing else.
     *
     * @param client as for {@link #builder}; must trust the control planes if their credentials are {@code tls}
     * @param cluster its name
     * @return a builder
     * @throws IllegalStateException if neither variable is set
     * @throws java.io.UncheckedIOException if the file cannot be read, whatever the other variable says
     * @throws IllegalArgumentException if it is no bootstrap, or asks for other credentials than {@code insecure} and
     *     {@code tls}
     */
    public static Builder bootstrap(OkHttpClient client, String cluster) {
        return builder(client, cluster, XdsBootstrap.read(System.getenv()));
    }

    /**
     * Starts a description by a bootstrap file of gRPC.
     *
     * @param client as for {@link #builder}; must trust the control planes if their credentials are {@code tls}
     * @param cluster its name
     * @param file JSON with {@code xds_servers} and {@code node}
     * @return a builder
     * @throws java.io.UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if it is no bootstrap, or asks for other credentials than {@code insecure} and
     *     {@code tls}
     */
    public static Builder bootstrap(OkHttpClient client, String cluster, Path file) {
        return builder(client, cluster, XdsBootstrap.read(file));
    }

    private static Builder builder(OkHttpClient client, String cluster, XdsBootstrap bootstrap) {
        Builder builder = new Builder(client, Messages.name("cluster", cluster), bootstrap.servers());
        XdsNode node = bootstrap.node();
        if (!node.id().isEmpty()) {
            builder.nodeId(node.id());
        }
        builder.nodeCluster = node.cluster();
        builder.nodeLocality(node.region(), node.zone(), node.subZone());
        builder.metadata.setAll((ObjectNode) node.metadata());
        return builder;
    }

    @Override
    public Watch start(Receiver receiver) {
        RegistryClient registry = new RegistryClient(client);
        return RegistryWatch.start(
                toString(),
                receiver,
                registry,
                backoff,
                new XdsSession(registry, new RegistryServers(servers), subscription, mapper, token, backoff));
    }

    @Override
    public String toString() {
        return "xDS cluster " + subscription.cluster();
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder extends RegistryBuilder<Builder> {
        private String nodeId = "evenkeel";
        private String nodeCluster = "";
        private String region = "";
        private String zone = "";
        private String subZone = "";
        private final ObjectNode metadata = RegistryJson.newObject();
        private boolean cds;
        private boolean delta;
        private boolean localityWeights;
        private String scheme = "http";
        private @Nullable Supplier<String> token;

        private Builder(OkHttpClient client, String cluster, List<RegistryServer> servers) {
            super(client, cluster, servers);
            if (servers.stream().map(server -> server.url().scheme()).distinct().count() > 1) {
                throw new IllegalArgumentException(
                        "the control planes of a source must all be https, or all be http: " + servers);
            }
        }

        /**
         * Sets the id by which the control plane knows this program.
         *
         * @param id default {@code evenkeel}
         * @return this
         */
        public Builder nodeId(String id) {
            nodeId = Messages.name("nodeId", id);
            return this;
        }

        /**
         * Sets the group of programs that this one belongs to.
         *
         * @param cluster default none
         * @return this
         */
        public Builder nodeCluster(String cluster) {
            nodeCluster = Messages.name("nodeCluster", cluster);
            return this;
        }

        /**
         * Tells the control plane something more of this program. Can be repeated for other keys.
         *
         * @param key such as {@code version}
         * @param value any text
         * @return this
         */
        public Builder nodeMetadata(String key, String value) {
            metadata.put(Messages.name("metadata key", key), value);
            return this;
        }

        /**
         * Tells the control plane where this program runs. It does not say which zone the pool prefers.
         *
         * @param region empty if not said; default empty, as zone and subZone
         * @param zone empty if not said
         * @param subZone empty if not said
         * @return this
         */
        public Builder nodeLocality(String region, String zone, String subZone) {
            this.region = region;
            this.zone = zone;
            this.subZone = subZone;
            return this;
        }

        /**
         * Asks for the cluster first (CDS), and follows the {@code service_name} of its endpoints. By default the cluster's
         * own name is that of its endpoints.
         *
         * @return this
         */
        public Builder cds() {
            cds = true;
            return this;
        }

        /**
         * Speaks the incremental protocol, in which a control plane says what has changed. By default it is the state of the
         * world.
         *
         * @return this
         */
        public Builder delta() {
            delta = true;
            return this;
        }

        /**
         * Divides the calls of a tier among its localities by their weights, and those of a locality among its endpoints, as
         * gRPC does, and Envoy with {@code locality_weighted_lb_config}. Localities without a weight get nothing. By default
         * the weight of an endpoint is all that counts.
         *
         * @return this
         */
        public Builder localityWeights() {
            localityWeights = true;
            return this;
        }

        /**
         * Sets the scheme of the backends, which endpoints do not say.
         *
         * @param scheme {@code http}, {@code https}, {@code tcp} or {@code udp}; default {@code http}
         * @return this
         */
        public Builder scheme(String scheme) {
            this.scheme = checkedScheme(scheme);
            return this;
        }

        /**
         * Sets the bearer token for the header {@code Authorization}.
         *
         * @param token asked for before each stream; in no log and no error's text
         * @return this
         */
        public Builder token(Supplier<String> token) {
            this.token = token;
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
        public XdsDiscovery build() {
            return new XdsDiscovery(this);
        }
    }
}
