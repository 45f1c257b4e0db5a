package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.EtcdDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of an {@link EtcdDiscovery}. */
final class EtcdForm {
    private static final Type<Credentials> CREDENTIALS = ObjectSchema.of(
                    "discovery.etcd.credentials", "Who asks.", Credentials::new)
            .required("user", Types.text(), "a user of etcd", (draft, user) -> draft.user = user)
            .required(
                    "password",
                    Types.hidden(Types.text()),
                    "its password",
                    (draft, password) -> draft.password = password)
            .form()
            .as(draft -> draft);

    private EtcdForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        return new RegistryFields<EtcdDiscovery.Builder>(
                        "discovery.etcd",
                        "the backends under a prefix of keys.",
                        (prefix, server, others) -> EtcdDiscovery.builder(client.get(), prefix, server, others))
                .servers("such as `http://127.0.0.1:2379`")
                .requiredName("prefix", "of the keys, such as `/services/users/`")
                .optional(
                        "credentials",
                        CREDENTIALS,
                        Default.text("none"),
                        "who asks",
                        (source, who) -> source.credentials(who.user, who.password))
                .scheme(
                        "http",
                        "the scheme of backends that are registered as `host:port`",
                        EtcdDiscovery.Builder::scheme)
                .flag(
                        "namedIds",
                        "whether a value may give its backend another `id` than that of its address, and so other"
                                + " `credentials`",
                        EtcdDiscovery.Builder::namedIds)
                .optional(
                        "watchTimeout",
                        Types.duration("1s", "1h"),
                        "1m",
                        "after it a watch over which nothing came is opened anew",
                        EtcdDiscovery.Builder::watchTimeout)
                .backoff(EtcdDiscovery.Builder::backoff)
                .form()
                .as(draft -> draft.hasName() ? draft.sources(EtcdDiscovery.Builder::build) : null);
    }

    private static final class Credentials {
        private String user = "stand-in";
        private String password = "";
    }
}
