package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.EurekaDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of an {@link EurekaDiscovery}. */
final class EurekaForm {
    private EurekaForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.eureka",
                        "the instances of an application that are `UP`.",
                        () -> new RegistryDraft<>(
                                EurekaDiscovery.builder(client.get(), "stand-in", RegistryForms.STAND_IN)))
                .required(
                        "server",
                        RegistryForms.SERVERS,
                        "with the path of the API, such as `http://127.0.0.1:8761/eureka/`; the others are asked when one"
                                + " fails",
                        (draft, servers) -> draft.servers(
                                servers,
                                (server, others) -> EurekaDiscovery.builder(client.get(), "stand-in", server, others)))
                .optional(
                        "application",
                        Types.text(),
                        Default.text("the pool's name"),
                        "the application",
                        RegistryDraft::name)
                .optional(
                        "preferSecurePort",
                        Types.flag(),
                        false,
                        "whether the secure port of instances that have both enabled is used",
                        (draft, prefer) -> draft.setIf(prefer, EurekaDiscovery.Builder::preferSecurePort))
                .optional(
                        "byHostName",
                        Types.flag(),
                        false,
                        "whether instances are addressed by their host names",
                        (draft, by) -> draft.setIf(by, EurekaDiscovery.Builder::byHostName))
                .optional(
                        "weightKey",
                        Types.text(),
                        "weight",
                        "the key of the metadata where the weight stands",
                        (draft, key) -> draft.set(source -> source.weightKey(key)))
                .optional(
                        "delta",
                        Types.flag(),
                        true,
                        "whether what has changed is asked for, and not this application alone",
                        (draft, delta) -> draft.set(source -> source.delta(delta)))
                .optional(
                        "interval",
                        Types.duration("1ms", ""),
                        "30s",
                        "how often the server is asked",
                        (draft, interval) -> draft.set(source -> source.interval(interval)))
                .optional(
                        "backoff",
                        RegistryForms.BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval(), waits.maxInterval())))
                .form()
                .as(draft -> draft.servers().isEmpty()
                        ? null
                        : pool -> draft.applied(EurekaDiscovery.builder(
                                        client.get(), draft.nameOr(pool), draft.server(), draft.others()))
                                .build());
    }
}
