package dev.evenkeel.lb.okhttp.internal.document;

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
        RegistryFields<EurekaDiscovery.Builder> fields = new RegistryFields<>(
                "discovery.eureka",
                "the instances of an application that are `UP`.",
                (application, server, others) -> EurekaDiscovery.builder(client.get(), application, server, others));
        fields.servers("with the path of the API, such as `http://127.0.0.1:8761/eureka/`")
                .name("application");
        instances(fields);
        requests(fields);
        return fields.form().as(draft -> draft.sources(EurekaDiscovery.Builder::build));
    }

    private static void instances(RegistryFields<EurekaDiscovery.Builder> fields) {
        fields.flag(
                        "preferSecurePort",
                        "whether the secure port of instances that have both enabled is used",
                        EurekaDiscovery.Builder::preferSecurePort)
                .flag(
                        "byHostName",
                        "whether instances are addressed by their host names",
                        EurekaDiscovery.Builder::byHostName)
                .text(
                        "weightKey",
                        "weight",
                        "the key of the metadata where the weight stands",
                        EurekaDiscovery.Builder::weightKey);
    }

    private static void requests(RegistryFields<EurekaDiscovery.Builder> fields) {
        fields.optional(
                        "delta",
                        Types.flag(),
                        true,
                        "whether what has changed is asked for, and not this application alone",
                        EurekaDiscovery.Builder::delta)
                .optional(
                        "interval",
                        Types.duration("1ms", ""),
                        "30s",
                        "how often the server is asked",
                        EurekaDiscovery.Builder::interval)
                .backoff(EurekaDiscovery.Builder::backoff);
    }
}
