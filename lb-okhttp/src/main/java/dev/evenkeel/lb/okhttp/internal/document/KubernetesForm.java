package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.KubernetesDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of a {@link KubernetesDiscovery}. */
final class KubernetesForm {
    private static final Type<Path> PATH = Types.parsed("a path", Path::of, Path::toString);

    private KubernetesForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        RegistryFields<KubernetesDiscovery.Builder> fields = new RegistryFields<>(
                "discovery.kubernetes",
                "the EndpointSlices of a service.",
                (service, server, others) -> KubernetesDiscovery.builder(client.get(), server, "default", service));
        service(fields);
        ports(fields);
        endpoints(fields);
        security(fields);
        timing(fields);
        return fields.form()
                .as(draft -> pool -> draft.applied(builder(client, draft, draft.nameOr(pool)))
                        .build());
    }

    private static void service(RegistryFields<KubernetesDiscovery.Builder> fields) {
        fields.name("service")
                .optionalServer(
                        Default.text("that of the pod that this runs in, with its account"),
                        "the server of the API, such as `http://127.0.0.1:8001`")
                .text(
                        "namespace",
                        Default.text("the pod's, or `default` with a `server`"),
                        "the namespace of the service",
                        KubernetesDiscovery.Builder::namespace);
    }

    private static void ports(RegistryFields<KubernetesDiscovery.Builder> fields) {
        fields.text(
                        "portName",
                        Default.text("the only port, or `http`, or `https`"),
                        "the port, as the Service names it",
                        KubernetesDiscovery.Builder::portName)
                .optional(
                        "port",
                        Types.integer(1, 65_535),
                        Default.text("by its name"),
                        "the port that pods listen on",
                        KubernetesDiscovery.Builder::port)
                .scheme(
                        Default.text("what the port says"),
                        "the scheme of the backends",
                        KubernetesDiscovery.Builder::scheme);
    }

    private static void endpoints(RegistryFields<KubernetesDiscovery.Builder> fields) {
        fields.text(
                        "weightAnnotation",
                        "evenkeel.dev/weight",
                        "where the weight of an EndpointSlice's endpoints stands",
                        KubernetesDiscovery.Builder::weightAnnotation)
                .flag(
                        "preferIpv6",
                        "whether a pod with addresses of both families is known by its IPv6 address",
                        KubernetesDiscovery.Builder::preferIpv6)
                .text(
                        "zoneHints",
                        Default.text("hints are metadata"),
                        "the zone whose hints are honoured",
                        KubernetesDiscovery.Builder::zoneHints);
    }

    private static void security(RegistryFields<KubernetesDiscovery.Builder> fields) {
        Default ofPod = Default.text("the account's in a pod, else none");
        fields.token(ofPod, "the bearer token", (source, token) -> source.token(() -> token))
                .optional(
                        "tokenFile",
                        PATH,
                        Default.text("as for `token`"),
                        "the file of the bearer token, read before each request",
                        KubernetesDiscovery.Builder::tokenFile)
                .optional(
                        "authorityFile",
                        PATH,
                        ofPod,
                        "the file of a certificate authority, as PEM",
                        KubernetesDiscovery.Builder::authorityFile);
    }

    private static void timing(RegistryFields<KubernetesDiscovery.Builder> fields) {
        fields.optional(
                        "watchTimeout",
                        Types.duration("1s", "1h"),
                        "5m",
                        "after it a watch is opened anew",
                        KubernetesDiscovery.Builder::watchTimeout)
                .backoff(KubernetesDiscovery.Builder::backoff);
    }

    private static KubernetesDiscovery.Builder builder(
            Supplier<OkHttpClient> client, RegistryDraft<KubernetesDiscovery.Builder> draft, String service) {
        if (draft.hasServers()) {
            return draft.builder(service);
        }
        try {
            return KubernetesDiscovery.inCluster(client.get(), service);
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new IllegalArgumentException("server is required: " + e.getMessage(), e);
        }
    }
}
