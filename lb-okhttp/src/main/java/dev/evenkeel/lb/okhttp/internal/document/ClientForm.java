package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.PoolExtensions;
import dev.evenkeel.lb.core.internal.document.PoolForm;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of a client's whole document: pools, routes, and settings of all calls. */
public final class ClientForm {
    private static final int MAX_ROUTES = 10_000;
    private final ObjectSchema.Builder<ClientDefinition> fields =
            ObjectSchema.of("document", "Pools, routes, and what holds for all calls.", ClientDefinition::new);

    private ClientForm() {}

    /**
     * The form.
     *
     * @param client lends TLS settings, Dns and threads to checks and sources over HTTP; called when there is one
     */
    public static ObjectSchema<ClientDefinition> document(Supplier<OkHttpClient> client) {
        ClientForm form = new ClientForm();
        form.poolsAndRoutes(client);
        form.addressing();
        form.retries();
        form.keys();
        form.sessions();
        form.connections();
        form.headers();
        form.connectionPool();
        form.reload();
        return form.fields.form();
    }

    private void poolsAndRoutes(Supplier<OkHttpClient> client) {
        fields.required("pools", PoolForm.pools(extensions(client)), "the pools", ClientDefinition::pool)
                .optional(
                        "routes",
                        Types.each(RouteForm.TYPE, 0, MAX_ROUTES),
                        Default.text("none"),
                        "the first that takes a request has it; one that no route takes goes to the pool whose name is its host",
                        ClientDefinition::route);
    }

    private static PoolExtensions extensions(Supplier<OkHttpClient> client) {
        return new PoolExtensions()
                .healthCheck("http", CheckForms.http(client))
                .healthCheck("grpc", CheckForms.grpc(client))
                .loadReports("http", CheckForms.loads(client))
                .discovery("kubernetes", KubernetesForm.type(client))
                .discovery("consul", ConsulForm.type(client))
                .discovery("eureka", EurekaForm.type(client))
                .discovery("etcd", EtcdForm.type(client))
                .discovery("xds", XdsForm.type(client));
    }

    private void addressing() {
        setting(
                "addressing",
                Types.constant("addressing", Addressing.values()),
                "auto",
                "how requests reach backends",
                LoadBalancingBuilder::addressing);
        flag(
                "bypassProxy",
                "whether steered connections go straight to the backends although the client has a proxy",
                LoadBalancingBuilder::bypassProxy);
        flag(
                "allowCleartextBackends",
                "whether an `https` call may be sent in clear text to a backend whose URI is `http`",
                LoadBalancingBuilder::allowCleartextBackends);
        flag(
                "allowUnpinnedBackends",
                "whether an `https` call may be sent under a backend's own name although the client has certificate pins for"
                        + " the host of the URL",
                LoadBalancingBuilder::allowUnpinnedBackends);
    }

    private void retries() {
        setting(
                "retries",
                RetryForms.RETRIES,
                Default.text("its defaults"),
                "what is sent again",
                LoadBalancingBuilder::retries);
        fields.optional(
                "hedging",
                RetryForms.HEDGING,
                Default.text("none"),
                "when a second request is sent, for calls of `callFactory`",
                ClientDefinition::hedging);
        fields.optional(
                "outcomes",
                ClientForms.OUTCOMES,
                Default.text("the standard's"),
                "what statuses say of a backend; the last entry that fits counts",
                (draft, rules) -> {
                    var classifier = ClientForms.classifier(rules);
                    draft.set("outcomes", all -> all.outcomes(classifier));
                });
    }

    private void keys() {
        fields.optional(
                "affinityKey",
                KeyForms.AFFINITY_KEY,
                Default.text("none"),
                "what ties requests to backends under `consistentHash`",
                (draft, keys) -> {
                    var key = KeyForms.firstKey(keys);
                    draft.set("affinityKey", all -> all.affinityKey(key));
                });
        fields.optional(
                "clientAddress",
                KeyForms.CLIENT_ADDRESS,
                Default.text("unknown"),
                "on whose behalf requests are made, for `ipHash` and forwarded headers: a tag of the request, or the first"
                        + " element of `X-Forwarded-For` or `Forwarded`",
                (draft, addresses) -> {
                    var address = KeyForms.firstAddress(addresses);
                    draft.set("clientAddress", all -> all.clientAddress(address));
                });
    }

    private void sessions() {
        setting(
                "sessions",
                KeyForms.SESSIONS,
                Default.text("none"),
                "what binds sessions to backends, under every strategy",
                LoadBalancingBuilder::sessions);
        fields.optional(
                "subset",
                KeyForms.SUBSET,
                Default.text("any backend"),
                "only backends with these metadata",
                (draft, metadata) -> {
                    var wanted = KeyForms.subset(metadata);
                    draft.set("subset", all -> all.subset(wanted));
                });
    }

    private void connections() {
        setting(
                "connections",
                ClientForms.CONNECTIONS,
                Default.text("its defaults"),
                "how connections to backends are kept",
                LoadBalancingBuilder::connections);
    }

    private void headers() {
        setting(
                "forwarded",
                ClientForms.FORWARDED,
                Default.text("all off"),
                "what backends are told of the client that is being served",
                LoadBalancingBuilder::forwarded);
        fields.optional(
                "credentials",
                ClientForms.CREDENTIALS,
                Default.text("none"),
                "headers that one backend alone is to see, by its id or its origin, such as `{ \"https://10.0.0.1:8443\":"
                        + " { \"Authorization\": \"${TOKEN}\" } }`",
                (draft, headers) -> {
                    var secrets = new PerBackendHeaders(headers);
                    draft.set("credentials", all -> all.credentials(secrets));
                });
    }

    private void connectionPool() {
        setting(
                "maxIdleConnections",
                Types.integer(1, Integer.MAX_VALUE),
                Default.text("the client's own, if not OkHttp's 5; else 8 for each backend, and at least 256"),
                "idle connections of a client that is attached from now on, for all hosts together",
                LoadBalancingBuilder::maxIdleConnections);
        setting(
                "keepAliveDuration",
                Types.duration("1ms", "1h"),
                Default.text("that of the client's ConnectionPool; 5 min in OkHttp"),
                "how long idle connections are kept by a client that is attached from now on",
                LoadBalancingBuilder::keepAliveDuration);
        fields.optional(
                "keepConnectionPool",
                Types.flag(),
                false,
                "whether a client that is attached keeps its own ConnectionPool even with OkHttp's limits; not beside"
                        + " `maxIdleConnections` or `keepAliveDuration`",
                ClientDefinition::keepConnectionPool);
    }

    private void reload() {
        fields.optional(
                "reloadInterval",
                Types.duration("0s", "1h"),
                "2s",
                "how often the file is looked at for changes; `\"0s\"` is never",
                ClientDefinition::reloadInterval);
    }

    /** Adds a field whose value goes to the builder's setter as it is. */
    private <T> void setting(
            String name, Type<T> type, Object otherwise, String meaning, BiConsumer<LoadBalancingBuilder, T> setter) {
        fields.optional(
                name, type, otherwise, meaning, (draft, value) -> draft.set(name, all -> setter.accept(all, value)));
    }

    /** Adds a flag for what is off by default, and has a setter of the builder that turns it on. */
    private void flag(String name, String meaning, Consumer<LoadBalancingBuilder> turnOn) {
        fields.optional(
                name,
                Types.flag(),
                false,
                meaning,
                (draft, wanted) -> draft.set(name, all -> {
                    if (wanted) {
                        turnOn.accept(all);
                    }
                }));
    }
}
