package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
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
        return ObjectSchema.of(
                        "discovery.consul",
                        "the healthy instances of a service.",
                        () -> new RegistryDraft<>(
                                ConsulDiscovery.builder(client.get(), "stand-in", RegistryForms.STAND_IN)))
                .required(
                        "server",
                        RegistryForms.SERVERS,
                        "agents, such as `http://127.0.0.1:8500`; the others are asked when one fails",
                        (draft, servers) -> draft.servers(
                                servers,
                                (server, others) -> ConsulDiscovery.builder(client.get(), "stand-in", server, others)))
                .optional("service", Types.text(), Default.text("the pool's name"), "the service", RegistryDraft::name)
                .optional(
                        "includeWarning",
                        Types.flag(),
                        false,
                        "whether instances with a check in the state warning are listed, too",
                        (draft, include) -> draft.setIf(include, ConsulDiscovery.Builder::includeWarning))
                .optional(
                        "tag",
                        Types.oneOrMore(Types.text(), 100),
                        Default.text("any"),
                        "tags that instances must have",
                        (draft, tags) -> tags.forEach(tag -> draft.set(source -> source.tag(tag))))
                .optional(
                        "filter",
                        Types.text(),
                        Default.text("none"),
                        "a filter of Consul's",
                        (draft, expression) -> draft.set(source -> source.filter(expression)))
                .optional(
                        "datacenter",
                        Types.text(),
                        Default.text("the agent's"),
                        "the datacenter",
                        (draft, datacenter) -> draft.set(source -> source.datacenter(datacenter)))
                .optional(
                        "namespace",
                        Types.text(),
                        Default.text("the token's"),
                        "the namespace (Consul Enterprise)",
                        (draft, namespace) -> draft.set(source -> source.namespace(namespace)))
                .optional(
                        "stale",
                        Types.flag(),
                        false,
                        "whether any server may answer",
                        (draft, stale) -> draft.setIf(stale, ConsulDiscovery.Builder::stale))
                .optional(
                        "token", Types.hidden(Types.text()), Default.text("none"), "the ACL token", (draft, token) -> {
                            String checked = RegistryForms.checkedToken(token);
                            draft.set(source -> source.token(() -> checked));
                        })
                .optional(
                        "zoneKey",
                        Types.text(),
                        "zone",
                        "the key of the Meta where a backend's zone stands",
                        (draft, key) -> draft.set(source -> source.zoneKey(key)))
                .optional(
                        "watchTimeout",
                        Types.duration("1s", "10m"),
                        "1m",
                        "how long a query waits for a change",
                        (draft, timeout) -> draft.set(source -> source.watchTimeout(timeout)))
                .optional(
                        "minInterval",
                        Types.duration("1ms", ""),
                        "200ms",
                        "the least time between an answer and the next query",
                        (draft, interval) -> draft.set(source -> source.minInterval(interval)))
                .optional(
                        "backoff",
                        RegistryForms.BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval(), waits.maxInterval())))
                .form()
                .as(draft -> draft.servers().isEmpty()
                        ? null
                        : pool -> draft.applied(ConsulDiscovery.builder(
                                        client.get(), draft.nameOr(pool), draft.server(), draft.others()))
                                .build());
    }
}
