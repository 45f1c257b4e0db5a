package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.EndpointSliceParser;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.KubernetesCredentials;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.KubernetesSession;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.ReadyEndpoints;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a Kubernetes service, from its EndpointSlices ({@code discovery.k8s.io/v1}): listed once, then
 * watched.
 *
 * <pre>{@code
 * LoadBalancers.builder("users")
 *         .discovery(KubernetesDiscovery.inCluster(client, "users").build())
 *         .build();
 * }</pre>
 *
 * <p>Only ready endpoints are listed. One that becomes unready or terminates leaves the list, and so is drained: it
 * gets no new calls, and calls in flight end. If none is ready, terminating endpoints that still serve are listed. A
 * backend's id is {@code address:port}; its zone is the endpoint's, its metadata {@code k8s.node.name},
 * {@code k8s.pod.name} and {@code k8s.hints.zones}. An endpoint that cannot be read is left out and reported.
 *
 * <p>The account needs the verbs {@code list} and {@code watch} on {@code endpointslices} in the service's namespace.
 * Immutable; each pool that starts it has a thread and a watch of its own.
 */
public final class KubernetesDiscovery implements BackendDiscovery {
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private final OkHttpClient client;
    private final RegistryServer server;
    private final String namespace;
    private final String service;
    private final EndpointSliceParser reader;
    private final boolean preferIpv6;
    private final String hintsFor;
    private final @Nullable Supplier<String> token;
    private final @Nullable Path authorityFile;
    private final Duration watchTimeout;
    private final RegistryBackoff backoff;

    private KubernetesDiscovery(Builder builder) {
        this.client = builder.client;
        this.server = builder.servers.get(0);
        this.namespace = builder.namespace;
        this.service = builder.name;
        this.reader =
                new EndpointSliceParser(builder.portName, builder.portNumber, builder.scheme, builder.weightAnnotation);
        this.preferIpv6 = builder.preferIpv6;
        this.hintsFor = builder.hintsFor;
        this.token = builder.token;
        this.authorityFile = builder.authorityFile;
        this.watchTimeout = builder.watchTimeout;
        this.backoff = builder.backoff;
    }

    /**
     * Starts a description of a service, by a server's URL.
     *
     * @param client makes the requests; lends TLS settings, Dns, proxy and interceptors
     * @param server of the API, such as {@code http://127.0.0.1:8001} for {@code kubectl proxy}
     * @param namespace of the service
     * @param service its name
     * @return a builder: no token, no further certificate authority
     * @throws IllegalArgumentException if the URL is none, or a name is blank
     */
    public static Builder builder(OkHttpClient client, String server, String namespace, String service) {
        return new Builder(client, RegistryServer.of(server), namespace, service);
    }

    /**
     * Starts a description of a service for a program that runs in a pod: server, token, certificate authority and
     * namespace are those of the pod's service account.
     *
     * @param client makes the requests; lends Dns, proxy and interceptors
     * @param service its name, in the pod's namespace unless the builder is told another
     * @return a builder
     * @throws IllegalStateException if the program does not run in a pod
     * @throws UncheckedIOException if the file with the namespace cannot be read
     */
    public static Builder inCluster(OkHttpClient client, String service) {
        return inCluster(client, service, System.getenv(), SERVICE_ACCOUNT);
    }

    static Builder inCluster(OkHttpClient client, String service, Map<String, String> environment, Path account) {
        String host = environment.get("KUBERNETES_SERVICE_HOST");
        String port = environment.get("KUBERNETES_SERVICE_PORT");
        if (host == null || port == null) {
            throw new IllegalStateException("this is no pod of Kubernetes: KUBERNETES_SERVICE_HOST and"
                    + " KUBERNETES_SERVICE_PORT are not set; use builder(client, server, namespace, service)");
        }
        String url = "https://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        try {
            String namespace = text(account.resolve("namespace")).strip();
            return builder(client, url, namespace, service)
                    .tokenFile(account.resolve("token"))
                    .authorityFile(account.resolve("ca.crt"));
        } catch (IOException e) {
            throw new UncheckedIOException("the namespace of the service account cannot be read", e);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(KubernetesCredentials.read(file), StandardCharsets.UTF_8);
    }

    @Override
    public Watch start(Receiver receiver) {
        RegistryClient registry = new RegistryClient(client);
        HttpUrl slices = server.path("apis/discovery.k8s.io/v1/namespaces")
                .addPathSegment(namespace)
                .addPathSegment("endpointslices")
                .build();
        return RegistryWatch.start(
                toString(),
                receiver,
                registry,
                backoff,
                new KubernetesSession(
                        registry,
                        new KubernetesCredentials(server.authorization(), token, authorityFile),
                        slices,
                        service,
                        reader,
                        new ReadyEndpoints(preferIpv6, hintsFor),
                        watchTimeout,
                        backoff));
    }

    @Override
    public String toString() {
        return "Kubernetes service " + namespace + "/" + service;
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder extends RegistryBuilder<Builder> {
        private String namespace;
        private String portName = "";
        private int portNumber;
        private String scheme = "";
        private String weightAnnotation = "evenkeel.dev/weight";
        private boolean preferIpv6;
        private String hintsFor = "";
        private @Nullable Supplier<String> token;
        private @Nullable Path authorityFile;
        private Duration watchTimeout = Duration.ofMinutes(5);

        private Builder(OkHttpClient client, RegistryServer server, String namespace, String service) {
            super(client, Messages.name("service", service), List.of(server));
            this.namespace = Messages.name("namespace", namespace);
        }

        /**
         * Sets the namespace.
         *
         * @param namespace of the service
         * @return this
         */
        public Builder namespace(String namespace) {
            this.namespace = Messages.name("namespace", namespace);
            return this;
        }

        /**
         * Chooses the port by its name. Without a choice it is the only one, or the one named {@code http}, or the one
         * named {@code https}.
         *
         * @param name as the Service names it
         * @return this
         */
        public Builder portName(String name) {
            portName = Messages.name("portName", name);
            portNumber = 0;
            return this;
        }

        /**
         * Chooses the port by its number. It is also the port of slices that have none, such as those of a headless
         * Service.
         *
         * @param number the one that pods listen on (targetPort), 1 to 65,535
         * @return this
         */
        public Builder port(int number) {
            if (number < 1 || number > 65_535) {
                throw new IllegalArgumentException("port must be 1..65535: " + number);
            }
            portNumber = number;
            portName = "";
            return this;
        }

        /**
         * Sets the scheme of the backends. With {@code udp} the ports of the protocol UDP are used, else those of TCP.
         *
         * @param scheme {@code http}, {@code https}, {@code tcp} or {@code udp}; default {@code https} for a port with
         *     appProtocol {@code https}, or without one and named {@code https}, else {@code http}
         * @return this
         */
        public Builder scheme(String scheme) {
            this.scheme = checkedScheme(scheme);
            return this;
        }

        /**
         * Sets the annotation with the weight: Kubernetes has no weights, but EndpointSlices can be annotated.
         *
         * @param annotation of an EndpointSlice; its value, 1 to 65,535, is the weight of each of its endpoints;
         *     default {@code evenkeel.dev/weight}
         * @return this
         */
        public Builder weightAnnotation(String annotation) {
            weightAnnotation = Messages.name("annotation", annotation);
            return this;
        }

        /**
         * Lists a pod that has addresses of both families by its IPv6 address. By default it is the IPv4 address.
         *
         * @return this
         */
        public Builder preferIpv6() {
            preferIpv6 = true;
            return this;
        }

        /**
         * Honours topology hints, as kube-proxy does: if every endpoint has one, and some are for this zone, only these
         * are listed. By default hints are metadata, and {@code localZone} of the pool keeps traffic in a zone as long
         * as that can carry it, which needs no hints.
         *
         * @param zone where this process runs
         * @return this
         */
        public Builder zoneHints(String zone) {
            hintsFor = Messages.name("zone", zone);
            return this;
        }

        /**
         * Sets the bearer token.
         *
         * @param token asked for before each request
         * @return this
         */
        public Builder token(Supplier<String> token) {
            this.token = token;
            return this;
        }

        /**
         * Sets the file of the bearer token.
         *
         * @param file read before each request, since tokens rotate
         * @return this
         */
        public Builder tokenFile(Path file) {
            return token(() -> {
                try {
                    return text(file);
                } catch (IOException e) {
                    throw new UncheckedIOException("the token cannot be read from " + file, e);
                }
            });
        }

        /**
         * Sets the certificate authorities to trust.
         *
         * @param file certificates of authorities in PEM, in place of the client's; read again before each watch
         * @return this
         */
        public Builder authorityFile(Path file) {
            authorityFile = file;
            return this;
        }

        /**
         * Sets how long the server is asked to keep a watch. A connection that has died without a word is noticed after
         * this time over HTTP/1.1, and by a ping after at most 30 s over HTTP/2.
         *
         * @param watchTimeout 1 s to 1 h, varied by ±20 %; default 5 min
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
        public KubernetesDiscovery build() {
            return new KubernetesDiscovery(this);
        }
    }
}
