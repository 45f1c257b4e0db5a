package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.EtcdDiscovery;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of an {@link EtcdDiscovery}. */
final class EtcdForm {
    private EtcdForm() {}

    static ObjectType<?, Function<String, BackendDiscovery>> type(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.etcd",
                        "the backends under a prefix of keys.",
                        () -> new RegistryDraft<>(
                                EtcdDiscovery.builder(client.get(), "stand-in", RegistryForms.STAND_IN)))
                .required(
                        "server",
                        RegistryForms.SERVERS,
                        "such as `http://127.0.0.1:2379`; the others are asked when one fails",
                        (draft, servers) -> draft.servers(
                                servers,
                                (server, others) -> EtcdDiscovery.builder(client.get(), "stand-in", server, others)))
                .required("prefix", Types.text(), "of the keys, such as `/services/users/`", RegistryDraft::name)
                .optional(
                        "credentials",
                        ObjectSchema.of("discovery.etcd.credentials", "Who asks.", Credentials::new)
                                .required("user", Types.text(), "a user of etcd", (draft, user) -> draft.user = user)
                                .required(
                                        "password",
                                        Types.hidden(Types.text()),
                                        "its password",
                                        (draft, password) -> draft.password = password)
                                .form()
                                .as(draft -> draft),
                        Default.text("none"),
                        "who asks",
                        (draft, who) -> draft.set(source -> source.credentials(who.user, who.password)))
                .optional(
                        "scheme",
                        Types.text("`http`, `https`, `tcp` or `udp`"),
                        "http",
                        "the scheme of backends that are registered as `host:port`",
                        (draft, scheme) -> draft.set(source -> source.scheme(scheme)))
                .optional(
                        "watchTimeout",
                        Types.duration("1s", "1h"),
                        "1m",
                        "after it a watch over which nothing came is opened anew",
                        (draft, timeout) -> draft.set(source -> source.watchTimeout(timeout)))
                .optional(
                        "backoff",
                        RegistryForms.BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval(), waits.maxInterval())))
                .form()
                .as(draft -> draft.servers().isEmpty() || draft.name() == null
                        ? null
                        : pool -> draft.applied(EtcdDiscovery.builder(
                                        client.get(), draft.nameOr(pool), draft.server(), draft.others()))
                                .build());
    }

    private static final class Credentials {
        private String user = "stand-in";
        private String password = "";
    }
}
