package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.discovery.ConsulDiscovery;
import dev.evenkeel.lb.okhttp.discovery.EtcdDiscovery;
import dev.evenkeel.lb.okhttp.discovery.EurekaDiscovery;
import dev.evenkeel.lb.okhttp.discovery.KubernetesDiscovery;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The forms of registries: Kubernetes, etcd, Consul, Eureka. */
final class RegistryForms {
    private static final String STAND_IN = "http://stand-in.invalid";
    private static final Type<Path> PATH = Types.parsed("a path", Path::of, Path::toString);

    /** URLs that may have a user and a password. */
    private static final Type<List<String>> SERVERS =
            Types.hidden(Types.oneOrMore(Types.text("a URL of http or https"), 100));

    private static final Type<Backoff> BACKOFF = ObjectSchema.of(
                    "discovery.backoff", "The waits after failures. They double.", Backoff::new)
            .required(
                    "initialInterval",
                    Types.duration("1ms", ""),
                    "the first",
                    (draft, interval) -> draft.initialInterval = interval)
            .required(
                    "maxInterval",
                    Types.duration("1ms", ""),
                    "the longest; at least `initialInterval`",
                    (draft, interval) -> draft.maxInterval = interval)
            .form()
            .as(draft -> draft);

    private RegistryForms() {}

    static ObjectType<?, Function<String, BackendDiscovery>> kubernetes(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.kubernetes",
                        "the EndpointSlices of a service.",
                        () -> new Draft<>(KubernetesDiscovery.builder(client.get(), STAND_IN, "stand-in", "stand-in")))
                .optional("service", Types.text(), Default.text("the pool's name"), "the service", Draft::name)
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
                            String checked = checkedToken(token);
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
                        BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval, waits.maxInterval)))
                .form()
                .as(draft -> pool -> draft.applied(kubernetesBuilder(client.get(), draft, pool))
                        .build());
    }

    private static KubernetesDiscovery.Builder kubernetesBuilder(
            OkHttpClient client, Draft<KubernetesDiscovery.Builder> draft, String pool) {
        String service = draft.name == null ? pool : draft.name;
        if (!draft.servers.isEmpty()) {
            return KubernetesDiscovery.builder(client, draft.servers.get(0), "default", service);
        }
        try {
            return KubernetesDiscovery.inCluster(client, service);
        } catch (IllegalStateException | UncheckedIOException e) {
            throw new IllegalArgumentException("server is required: " + e.getMessage(), e);
        }
    }

    static ObjectType<?, Function<String, BackendDiscovery>> consul(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.consul",
                        "the healthy instances of a service.",
                        () -> new Draft<>(ConsulDiscovery.builder(client.get(), "stand-in", STAND_IN)))
                .required(
                        "server",
                        SERVERS,
                        "agents, such as `http://127.0.0.1:8500`; the others are asked when one fails",
                        (draft, servers) -> draft.servers(
                                servers,
                                (server, others) -> ConsulDiscovery.builder(client.get(), "stand-in", server, others)))
                .optional("service", Types.text(), Default.text("the pool's name"), "the service", Draft::name)
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
                            String checked = checkedToken(token);
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
                        BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval, waits.maxInterval)))
                .form()
                .as(draft -> draft.servers.isEmpty()
                        ? null
                        : pool -> draft.applied(ConsulDiscovery.builder(
                                        client.get(), draft.nameOr(pool), draft.server(), draft.others()))
                                .build());
    }

    static ObjectType<?, Function<String, BackendDiscovery>> eureka(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.eureka",
                        "the instances of an application that are `UP`.",
                        () -> new Draft<>(EurekaDiscovery.builder(client.get(), "stand-in", STAND_IN)))
                .required(
                        "server",
                        SERVERS,
                        "with the path of the API, such as `http://127.0.0.1:8761/eureka/`; the others are asked when one"
                                + " fails",
                        (draft, servers) -> draft.servers(
                                servers,
                                (server, others) -> EurekaDiscovery.builder(client.get(), "stand-in", server, others)))
                .optional("application", Types.text(), Default.text("the pool's name"), "the application", Draft::name)
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
                        BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval, waits.maxInterval)))
                .form()
                .as(draft -> draft.servers.isEmpty()
                        ? null
                        : pool -> draft.applied(EurekaDiscovery.builder(
                                        client.get(), draft.nameOr(pool), draft.server(), draft.others()))
                                .build());
    }

    static ObjectType<?, Function<String, BackendDiscovery>> etcd(Supplier<OkHttpClient> client) {
        return ObjectSchema.of(
                        "discovery.etcd",
                        "the backends under a prefix of keys.",
                        () -> new Draft<>(EtcdDiscovery.builder(client.get(), "stand-in", STAND_IN)))
                .required(
                        "server",
                        SERVERS,
                        "such as `http://127.0.0.1:2379`; the others are asked when one fails",
                        (draft, servers) -> draft.servers(
                                servers,
                                (server, others) -> EtcdDiscovery.builder(client.get(), "stand-in", server, others)))
                .required("prefix", Types.text(), "of the keys, such as `/services/users/`", Draft::name)
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
                        BACKOFF,
                        Default.text("500 ms to 30 s"),
                        "the waits after failures",
                        (draft, waits) -> draft.set(source -> source.backoff(waits.initialInterval, waits.maxInterval)))
                .form()
                .as(draft -> draft.servers.isEmpty() || draft.name == null
                        ? null
                        : pool -> draft.applied(EtcdDiscovery.builder(
                                        client.get(), draft.nameOr(pool), draft.server(), draft.others()))
                                .build());
    }

    /** Checks the secret here: it becomes a header, and OkHttp's exception would quote it. */
    private static String checkedToken(String token) {
        HeaderEdit unused = HeaderEdit.set("X-Stand-In", token);
        return token;
    }

    private static final class Backoff {
        private Duration initialInterval = Duration.ofMillis(500);
        private Duration maxInterval = Duration.ofSeconds(30);
    }

    private static final class Credentials {
        private String user = "stand-in";
        private String password = "";
    }

    /** The source is made again for its pool, with what was set before. */
    private static final class Draft<B> {
        private final B tried;
        private final List<Consumer<B>> settings = new ArrayList<>();
        private List<String> servers = List.of();
        private @Nullable String name;

        Draft(B tried) {
            this.tried = tried;
        }

        void name(String given) {
            if (given.isBlank() || given.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("a name must not be blank, and have no control characters");
            }
            name = given;
        }

        String nameOr(String pool) {
            return name == null ? pool : name;
        }

        /** Refuses what the source's own builder refuses. */
        void servers(List<String> given, BiConsumer<String, String[]> check) {
            servers = given;
            try {
                check.accept(server(), others());
            } catch (IllegalArgumentException e) {
                servers = List.of();
                throw e;
            }
        }

        String server() {
            return servers.get(0);
        }

        String[] others() {
            return servers.subList(1, servers.size()).toArray(String[]::new);
        }

        void set(Consumer<B> setting) {
            setting.accept(tried);
            settings.add(setting);
        }

        void setIf(boolean wanted, Consumer<B> setting) {
            if (wanted) {
                set(setting);
            }
        }

        B applied(B builder) {
            settings.forEach(setting -> setting.accept(builder));
            return builder;
        }
    }
}
