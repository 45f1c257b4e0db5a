package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.XdsDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The form of an {@link XdsDiscovery}. */
final class XdsForm {
    private static final Type<Locality> LOCALITY = ObjectSchema.of(
                    "discovery.xds.locality", "Where this program runs.", Locality::new)
            .optional(
                    "region",
                    Types.text(),
                    Default.text("none"),
                    "the region",
                    (draft, region) -> draft.region = region)
            .optional("zone", Types.text(), Default.text("none"), "the zone", (draft, zone) -> draft.zone = zone)
            .optional(
                    "subZone",
                    Types.text(),
                    Default.text("none"),
                    "the sub-zone",
                    (draft, subZone) -> draft.subZone = subZone)
            .form()
            .as(draft -> draft);

    private static final Type<Node> NODE = ObjectSchema.of(
                    "discovery.xds.node", "How this program introduces itself.", Node::new)
            .optional(
                    "id",
                    Types.text(),
                    "evenkeel",
                    "by which the control plane knows it",
                    (draft, id) -> draft.add(source -> source.nodeId(id)))
            .optional(
                    "cluster",
                    Types.text(),
                    Default.text("none"),
                    "the group of programs that it belongs to",
                    (draft, cluster) -> draft.add(source -> source.nodeCluster(cluster)))
            .optional(
                    "metadata",
                    Types.map(Types.text(), "key"),
                    Default.text("none"),
                    "what else the control plane is told",
                    (draft, metadata) -> draft.add(source -> metadata.forEach(source::nodeMetadata)))
            .optional(
                    "locality",
                    LOCALITY,
                    Default.text("none"),
                    "where it runs",
                    (draft, place) -> draft.add(source -> source.nodeLocality(place.region, place.zone, place.subZone)))
            .form()
            .as(draft -> draft);

    private XdsForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        RegistryFields<XdsDiscovery.Builder> fields = new RegistryFields<>(
                "discovery.xds",
                "the endpoints of a cluster of a control plane.",
                (cluster, server, others) -> XdsDiscovery.builder(client.get(), cluster, server, others));
        fields.serversOr(
                        "bootstrap",
                        "`environment`, or a path",
                        "the bootstrap of gRPC that has the control planes and the node: that of `GRPC_XDS_BOOTSTRAP` or"
                                + " `GRPC_XDS_BOOTSTRAP_CONFIG`, or a file; not with `server`",
                        "control planes, such as `https://xds.internal:18000`; `http` is HTTP/2 without TLS",
                        (written, cluster) -> bootstrap(client.get(), written, cluster))
                .name("cluster")
                .optional(
                        "node",
                        NODE,
                        Default.text("that of `bootstrap`, or the id `evenkeel`"),
                        "how this program introduces itself",
                        (source, node) -> node.settings.forEach(setting -> setting.accept(source)))
                .token(Default.text("none"), "the bearer token", (source, token) -> source.token(() -> token));
        protocol(fields);
        return fields.backoff(XdsDiscovery.Builder::backoff).form().as(XdsForm::sources);
    }

    private static XdsDiscovery.Builder bootstrap(OkHttpClient client, String written, String cluster) {
        try {
            return written.equals("environment")
                    ? XdsDiscovery.bootstrap(client, cluster)
                    : XdsDiscovery.bootstrap(client, cluster, Path.of(written));
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static @Nullable Function<String, BackendDiscovery> sources(RegistryDraft<XdsDiscovery.Builder> draft) {
        if (draft.hasServersTwice()) {
            throw new IllegalArgumentException("server and bootstrap exclude each other; leave one of them out");
        }
        if (!draft.namesServers()) {
            throw new IllegalArgumentException("server is required, or bootstrap");
        }
        return draft.sources(XdsDiscovery.Builder::build);
    }

    private static void protocol(RegistryFields<XdsDiscovery.Builder> fields) {
        fields.flag(
                        "cds",
                        "whether the cluster is asked for first, whose `service_name` is that of its endpoints",
                        XdsDiscovery.Builder::cds)
                .flag("delta", "whether the incremental protocol is spoken", XdsDiscovery.Builder::delta)
                .flag(
                        "localityWeights",
                        "whether localities have the shares of their weights; those without a weight get nothing",
                        XdsDiscovery.Builder::localityWeights)
                .scheme("http", "the scheme of the backends", XdsDiscovery.Builder::scheme);
    }

    /** What is set, in the order of the document. */
    private static final class Node {
        private final List<Consumer<XdsDiscovery.Builder>> settings = new ArrayList<>();

        private void add(Consumer<XdsDiscovery.Builder> setting) {
            settings.add(setting);
        }
    }

    private static final class Locality {
        private String region = "";
        private String zone = "";
        private String subZone = "";
    }
}
