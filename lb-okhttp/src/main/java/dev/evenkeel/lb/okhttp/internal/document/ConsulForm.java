package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.ConsulDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of a {@link ConsulDiscovery}. */
final class ConsulForm {
    private ConsulForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        RegistryFields<ConsulDiscovery.Builder> fields = new RegistryFields<>(
                "discovery.consul",
                "the healthy instances of a service.",
                (service, server, others) -> ConsulDiscovery.builder(client.get(), service, server, others));
        fields.servers("agents, such as `http://127.0.0.1:8500`").name("service");
        instances(fields);
        query(fields);
        timing(fields);
        return fields.form().as(draft -> draft.sources(ConsulDiscovery.Builder::build));
    }

    private static void instances(RegistryFields<ConsulDiscovery.Builder> fields) {
        fields.flag(
                        "includeWarning",
                        "whether instances with a check in the state warning are listed, too",
                        ConsulDiscovery.Builder::includeWarning)
                .optional(
                        "tag",
                        Types.oneOrMore(Types.text(), 100),
                        Default.text("any"),
                        "tags that instances must have",
                        (source, tags) -> tags.forEach(source::tag))
                .text("filter", Default.text("none"), "a filter of Consul's", ConsulDiscovery.Builder::filter)
                .scheme(
                        Default.text("what an instance's Meta or tags say"),
                        "the scheme of the backends",
                        ConsulDiscovery.Builder::scheme);
    }

    private static void query(RegistryFields<ConsulDiscovery.Builder> fields) {
        fields.text("datacenter", Default.text("the agent's"), "the datacenter", ConsulDiscovery.Builder::datacenter)
                .text(
                        "namespace",
                        Default.text("the token's"),
                        "the namespace (Consul Enterprise)",
                        ConsulDiscovery.Builder::namespace)
                .flag("stale", "whether any server may answer", ConsulDiscovery.Builder::stale)
                .token(Default.text("none"), "the ACL token", (source, token) -> source.token(() -> token))
                .text(
                        "zoneKey",
                        "zone",
                        "the key of the Meta where a backend's zone stands",
                        ConsulDiscovery.Builder::zoneKey);
    }

    private static void timing(RegistryFields<ConsulDiscovery.Builder> fields) {
        fields.optional(
                        "watchTimeout",
                        Types.duration("1s", "10m"),
                        "1m",
                        "how long a query waits for a change",
                        ConsulDiscovery.Builder::watchTimeout)
                .optional(
                        "minInterval",
                        Types.duration("1ms", ""),
                        "200ms",
                        "the least time between an answer and the next query",
                        ConsulDiscovery.Builder::minInterval)
                .backoff(ConsulDiscovery.Builder::backoff);
    }
}
