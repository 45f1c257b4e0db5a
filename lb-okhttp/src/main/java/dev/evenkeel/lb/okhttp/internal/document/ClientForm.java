package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.PoolExtensions;
import dev.evenkeel.lb.core.internal.document.PoolForm;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The form of a client's whole document: pools, routes, and settings of all calls. */
public final class ClientForm {
    private static final int MAX_ROUTES = 10_000;

    private ClientForm() {}

    /**
     * The form.
     *
     * @param client lends TLS settings, Dns and threads to checks and sources over HTTP; called when there is one
     * @return a form
     */
    public static ObjectSchema<ClientDefinition> document(Supplier<OkHttpClient> client) {
        PoolExtensions kinds = new PoolExtensions()
                .healthCheck("http", CheckForms.http(client))
                .healthCheck("grpc", CheckForms.grpc(client))
                .loadReports("http", CheckForms.loads(client))
                .discovery("kubernetes", KubernetesForm.type(client))
                .discovery("consul", ConsulForm.type(client))
                .discovery("eureka", EurekaForm.type(client))
                .discovery("etcd", EtcdForm.type(client));
        return ObjectSchema.of("document", "Pools, routes, and what holds for all calls.", ClientDefinition::new)
                .required("pools", PoolForm.pools(kinds), "the pools", ClientDefinition::pool)
                .optional(
                        "routes",
                        Types.each(RouteForm.TYPE, 0, MAX_ROUTES),
                        Default.text("none"),
                        "the first that takes a request has it; one that no route takes goes to the pool whose name is its host",
                        ClientDefinition::route)
                .optional(
                        "addressing",
                        Types.constant("addressing", Addressing.values()),
                        "auto",
                        "how requests reach backends",
                        (draft, way) -> draft.set("addressing", all -> all.addressing(way)))
                .optional(
                        "bypassProxy",
                        Types.flag(),
                        false,
                        "whether steered connections go straight to the backends although the client has a proxy",
                        (draft, bypass) -> draft.set("bypassProxy", all -> {
                            if (bypass) {
                                all.bypassProxy();
                            }
                        }))
                .optional(
                        "allowCleartextBackends",
                        Types.flag(),
                        false,
                        "whether an `https` call may be sent in clear text to a backend whose URI is `http`",
                        (draft, allow) -> draft.set("allowCleartextBackends", all -> {
                            if (allow) {
                                all.allowCleartextBackends();
                            }
                        }))
                .optional(
                        "allowUnpinnedBackends",
                        Types.flag(),
                        false,
                        "whether an `https` call may be sent under a backend's own name although the client has certificate pins for"
                                + " the host of the URL",
                        (draft, allow) -> draft.set("allowUnpinnedBackends", all -> {
                            if (allow) {
                                all.allowUnpinnedBackends();
                            }
                        }))
                .optional(
                        "retries",
                        RetryForms.RETRIES,
                        Default.text("its defaults"),
                        "what is sent again",
                        (draft, policy) -> draft.set("retries", all -> all.retries(policy)))
                .optional(
                        "hedging",
                        RetryForms.HEDGING,
                        Default.text("none"),
                        "when a second request is sent, for calls of `callFactory`",
                        ClientDefinition::hedging)
                .optional(
                        "outcomes",
                        ClientForms.OUTCOMES,
                        Default.text("the standard's"),
                        "what statuses say of a backend; the last entry that fits counts",
                        (draft, rules) -> {
                            var classifier = ClientForms.classifier(rules);
                            draft.set("outcomes", all -> all.outcomes(classifier));
                        })
                .optional(
                        "affinityKey",
                        KeyForms.AFFINITY_KEY,
                        Default.text("none"),
                        "what ties requests to backends under `consistentHash`",
                        (draft, keys) -> {
                            var key = KeyForms.firstKey(keys);
                            draft.set("affinityKey", all -> all.affinityKey(key));
                        })
                .optional(
                        "clientAddress",
                        KeyForms.CLIENT_ADDRESS,
                        Default.text("unknown"),
                        "on whose behalf requests are made, for `ipHash` and forwarded headers: a tag of the request, or the first"
                                + " element of `X-Forwarded-For` or `Forwarded`",
                        (draft, addresses) -> {
                            var address = KeyForms.firstAddress(addresses);
                            draft.set("clientAddress", all -> all.clientAddress(address));
                        })
                .optional(
                        "sessions",
                        KeyForms.SESSIONS,
                        Default.text("none"),
                        "what binds sessions to backends, under every strategy",
                        (draft, policy) -> draft.set("sessions", all -> all.sessions(policy)))
                .optional(
                        "subset",
                        KeyForms.SUBSET,
                        Default.text("any backend"),
                        "only backends with these metadata",
                        (draft, metadata) -> {
                            var wanted = KeyForms.subset(metadata);
                            draft.set("subset", all -> all.subset(wanted));
                        })
                .optional(
                        "connections",
                        ClientForms.CONNECTIONS,
                        Default.text("its defaults"),
                        "how connections to backends are kept",
                        (draft, policy) -> draft.set("connections", all -> all.connections(policy)))
                .optional(
                        "forwarded",
                        ClientForms.FORWARDED,
                        Default.text("all off"),
                        "what backends are told of the client that is being served",
                        (draft, policy) -> draft.set("forwarded", all -> all.forwarded(policy)))
                .optional(
                        "credentials",
                        ClientForms.CREDENTIALS,
                        Default.text("none"),
                        "headers that one backend alone is to see, such as `{ \"10.0.0.1:8080\": { \"Authorization\":"
                                + " \"${TOKEN}\" } }`",
                        (draft, headers) -> {
                            var secrets = new PerBackendHeaders(headers);
                            draft.set("credentials", all -> all.credentials(secrets));
                        })
                .optional(
                        "maxIdleConnections",
                        Types.integer(1, Integer.MAX_VALUE),
                        Default.text("8 for each backend, and at least 256"),
                        "idle connections of a client that is attached from now on, for all hosts together",
                        (draft, most) -> draft.set("maxIdleConnections", all -> all.maxIdleConnections(most)))
                .optional(
                        "keepConnectionPool",
                        Types.flag(),
                        false,
                        "whether a client that is attached keeps its own ConnectionPool; not beside `maxIdleConnections`",
                        ClientDefinition::keepConnectionPool)
                .optional(
                        "reloadInterval",
                        Types.duration("0s", "1h"),
                        "2s",
                        "how often the file is looked at for changes; `\"0s\"` is never",
                        ClientDefinition::reloadInterval)
                .form();
    }
}
