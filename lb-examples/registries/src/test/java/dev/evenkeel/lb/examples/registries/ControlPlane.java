package dev.evenkeel.lb.examples.registries;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.DiscoveryServerCallbacks;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/**
 * A real java-control-plane on grpc-netty, with or without TLS, with one snapshot for all nodes. It can stop, and start
 * again on its port.
 */
final class ControlPlane implements AutoCloseable, DiscoveryServerCallbacks {
    private final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
    private final Map<String, LbEndpoint> endpoints = new LinkedHashMap<>();
    private final String service;
    private final boolean otherClusters;
    private final @Nullable HeldCertificate certificate;
    /** The nodes that have introduced themselves. */
    final Queue<Node> nodes = new ConcurrentLinkedQueue<>();
    /** Reasons for which answers were refused. */
    final Queue<String> refusals = new ConcurrentLinkedQueue<>();

    private Server server;
    private int port;
    private int version;

    /**
     * Starts one without TLS.
     *
     * @param service the assignment of the cluster {@code users}
     * @param otherClusters whether there are further ones
     */
    ControlPlane(String service, boolean otherClusters) throws IOException {
        this(service, otherClusters, null);
    }

    /** @param certificate of the server; null for none, and no TLS */
    ControlPlane(String service, boolean otherClusters, @Nullable HeldCertificate certificate) throws IOException {
        this.service = service;
        this.otherClusters = otherClusters;
        this.certificate = certificate;
        start();
    }

    private ServerCredentials credentials() throws IOException {
        return certificate == null
                ? InsecureServerCredentials.create()
                : TlsServerCredentials.create(
                        stream(certificate.certificatePem()), stream(certificate.privateKeyPkcs8Pem()));
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port), credentials())
                .addService(new V3DiscoveryServer(this, cache).getAggregatedDiscoveryServiceImpl())
                .build()
                .start();
        port = server.getPort();
    }

    void stop() throws InterruptedException {
        server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS);
    }

    String url() {
        return (certificate == null ? "http" : "https") + "://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    void put(int endpointPort, int weight, HealthStatus health) {
        put("127.0.0.1", endpointPort, weight, health);
    }

    void put(String host, int endpointPort, int weight, HealthStatus health) {
        SocketAddress socket = SocketAddress.newBuilder()
                .setAddress(host)
                .setPortValue(endpointPort)
                .build();
        Struct labels = Struct.newBuilder()
                .putFields("version", Value.newBuilder().setNumberValue(2).build())
                .build();
        endpoints.put(
                host + ":" + endpointPort,
                LbEndpoint.newBuilder()
                        .setEndpoint(Endpoint.newBuilder()
                                .setAddress(Address.newBuilder().setSocketAddress(socket)))
                        .setHealthStatus(health)
                        .setLoadBalancingWeight(UInt32Value.of(weight))
                        .setMetadata(Metadata.newBuilder().putFilterMetadata("envoy.lb", labels))
                        .build());
    }

    void remove(int endpointPort) {
        endpoints.remove("127.0.0.1:" + endpointPort);
    }

    /** Hands out what was put. */
    void push() {
        LocalityLbEndpoints locality = LocalityLbEndpoints.newBuilder()
                .setLocality(Locality.newBuilder().setRegion("eu").setZone("eu-1a"))
                .setPriority(1)
                .addAllLbEndpoints(endpoints.values())
                .build();
        List<Cluster> clusters = new ArrayList<>(List.of(cluster("users", service)));
        List<ClusterLoadAssignment> assignments = new ArrayList<>(List.of(assignment(service, locality)));
        if (otherClusters) {
            clusters.add(cluster("orders", "orders"));
            assignments.add(assignment("orders", locality));
        }
        cache.setSnapshot(
                "all", Snapshot.create(clusters, assignments, List.of(), List.of(), List.of(), "v" + ++version));
    }

    private static Cluster cluster(String name, String service) {
        ConfigSource ads = ConfigSource.newBuilder()
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .build();
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(
                        Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads).setServiceName(service))
                .build();
    }

    private static ClusterLoadAssignment assignment(String name, LocalityLbEndpoints locality) {
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(name)
                .addEndpoints(locality)
                .build();
    }

    @Override
    public void onV3StreamRequest(long stream, DiscoveryRequest request) {
        note(request.getNode());
        if (request.hasErrorDetail()) {
            refusals.add(request.getErrorDetail().getMessage());
        }
    }

    @Override
    public void onV3StreamDeltaRequest(long stream, DeltaDiscoveryRequest request) {
        note(request.getNode());
        if (request.hasErrorDetail()) {
            refusals.add(request.getErrorDetail().getMessage());
        }
    }

    private void note(Node node) {
        if (!node.equals(Node.getDefaultInstance())) {
            nodes.add(node);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
