package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.KubernetesDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of a {@link KubernetesDiscovery}. */
final class KubernetesForm {
    private static final Type<Path> PATH = Types.parsed("a path", Path::of, Path::toString);

    private KubernetesForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.kubernetes",
                        "the EndpointSlices of a service.",
                        () -> new RegistryDraft<>(KubernetesDiscovery.builder(
                                client.get(), RegistryForms.STAND_IN, "stand-in", "stand-in")))
                .optional("service", Types.text(), Default.text("the pool's name"), "the service", RegistryDraft::name)
                .optional(
                        "server",
                        Types.hidden(Types.text("a URL of http or https")),
                        Default.text("that of the pod that this runs in, with its account"),
                        "the server of the API, such as `http://127.0.0.1:8001`",
                        (draft, given) -> draft.servers(
                                List.of(given),
                                (server, others) ->
                                        KubernetesDiscovery.builder(client.get(), server, "stand-in", "stand-in")))
                .optional(
                        "namespace",
                        Types.text(),
                        Default.text("the pod's, or `default` with a `server`"),
                        "the namespace of the service",
                        (draft, namespace) -> draft.set(source -> source.namespace(namespace)))
                .optional(
                        "portName",
                        Types.text(),
                        Default.text("the only port, or `http`, or `https`"),
                        "the port, as the Service names it",
                        (draft, name) -> draft.set(source -> source.portName(name)))
                .optional(
                        "port",
                        Types.integer(1, 65_535),
                        Default.text("by its name"),
                        "the port that pods listen on",
                        (draft, port) -> draft.set(source -> source.port(port)))
                .optional(
                        "scheme",
                        Types.text("`http`, `https`, `tcp` or `udp`"),
                        Default.text("what the port says"),
                        "the scheme of the backends",
                        (draft, scheme) -> draft.set(source -> source.scheme(scheme)))
                .optional(
                        "weightAnnotation",
                        Types.text(),
                        "evenkeel.dev/weight",
                        "where the weight of an EndpointSlice's endpoints stands",
                        (draft, annotation) -> draft.set(source -> source.weightAnnotation(annotation)))
                .optional(
                        "preferIpv6",
                        Types.flag(),
                        false,
                        "whether a pod with addresses of both families is known by its IPv6 address",
                        (draft, prefer) -> draft.setIf(prefer, KubernetesDiscovery.Builder::preferIpv6))
                .optional(
                        "zoneHints",
                        Types.text(),
                        Default.text("hints are metadata"),
                        "the zone whose hints are honoured",
                        (draft, zone) -> draft.set(source -> source.zoneHints(zone)))
                .optional(
                        "token",
                        Types.hidden(Types.text()),
                        Default.text("the account's in a pod, else none"),
                        "the bearer token",
                        (draft, token) -> {
                            String checked = RegistryForms.checkedToken(token);
                            draft.set(source -> source.token(() -> checked));
                        })
                .optional(
                        "tokenFile",
                        PATH,
                        Default.text("as for `token`"),
                        "the file of the bearer token, read before each request",
                        (draft, file) -> draft.set(source -> source.tokenFile(file)))
                .optional(
                        "authorityFile",
                        PATH,
                        Default.text("the account's in a pod, else none"),
                        "the file of a certificate authority, as PEM",
                        (draft, file) -> draft.set(source -> source.authorityFile(file)))
                .optional(
                        "watchTimeout",
                        Types.duration("1s", "1h"),
                        "5m",
                        "after it a watch is opened anew",
                        (draft, timeout) -> draft.set(source -> source.watchTimeout(timeout)))
                .optional(
                        "backoff",
                        RegistryForms.BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval(), waits.maxInterval())))
                .form()
                .as(draft -> pool -> draft.applied(kubernetesBuilder(client.get(), draft, pool))
                        .build());
    }

    private static KubernetesDiscovery.Builder kubernetesBuilder(
            OkHttpClient client, RegistryDraft<KubernetesDiscovery.Builder> draft, String pool) {
        String service = draft.name() == null ? pool : draft.name();
        if (!draft.servers().isEmpty()) {
            return KubernetesDiscovery.builder(client, draft.servers().get(0), "default", service);
        }
        try {
            return KubernetesDiscovery.inCluster(client, service);
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new IllegalArgumentException("server is required: " + e.getMessage(), e);
        }
    }
}
