package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.load.JsonLoadReportMapping;
import dev.evenkeel.lb.okhttp.health.GrpcHealthCheck;
import dev.evenkeel.lb.okhttp.health.HttpHealthCheck;
import dev.evenkeel.lb.okhttp.health.HttpLoadProbe;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/** The forms of checks and load probes over HTTP. */
final class CheckForms {
    private static final Type<int[]> STATUSES = Types.parsed(
            "`200`, or `200-299`",
            CheckForms::statuses,
            range -> range[0] == range[1] ? String.valueOf(range[0]) : range[0] + "-" + range[1]);

    private static final Type<String> POINTER = Types.text("a JSON Pointer");

    private CheckForms() {}

    static ObjectType<?, Function<String, HealthCheck>> http(Supplier<OkHttpClient> client) {
        ObjectSchema.Builder<Http> fields = ObjectSchema.of(
                "healthCheck.http",
                "sends a request and looks at the status, and if wanted at the body.",
                () -> new Http(client));
        request(fields);
        expectations(fields);
        ownHosts(fields, (draft, own) -> draft.ownHosts = own);
        return fields.form().as(draft -> draft::build);
    }

    private static void request(ObjectSchema.Builder<Http> fields) {
        fields.optional(
                        "method",
                        Types.text("`GET`, `HEAD`, `OPTIONS` or `POST`"),
                        "GET",
                        "the method",
                        (draft, method) -> draft.set(check -> check.method(method)))
                .optional(
                        "path",
                        Types.text("a path, perhaps with a query"),
                        "/",
                        "what is asked for, under the backend's path",
                        (draft, path) -> draft.set(check -> check.path(path)))
                .optional(
                        "headers",
                        Types.hidden(Types.map(Types.text("tabs and printable ASCII"), "header")),
                        Default.text("none"),
                        "what is sent along",
                        Http::headers);
    }

    private static void expectations(ObjectSchema.Builder<Http> fields) {
        fields.optional(
                        "expectStatus",
                        Types.oneOrMore(STATUSES, 100),
                        "200-399",
                        "the statuses of a healthy backend",
                        (draft, ranges) ->
                                ranges.forEach(range -> draft.set(check -> check.expectStatus(range[0], range[1]))))
                .optional(
                        "expectBody",
                        Regexes.PATTERN,
                        Default.text("none"),
                        "must be found in the first 64 KiB of the body",
                        (draft, pattern) -> draft.set(check -> check.expectBody(pattern)));
    }

    private static <B> void ownHosts(ObjectSchema.Builder<B> fields, BiConsumer<B, Boolean> setter) {
        fields.optional(
                "ownHosts",
                Types.flag(),
                false,
                "whether `Host`, SNI and certificate are each backend's own, and not the pool's",
                setter);
    }

    static ObjectType<?, Function<String, HealthCheck>> grpc(Supplier<OkHttpClient> client) {
        return ObjectSchema.<List<String>>of(
                        "healthCheck.grpc", "asks `grpc.health.v1.Health/Check`, over HTTP/2.", ArrayList::new)
                .optional("service", Types.text(), "", "the service; empty for the server as a whole", List::add)
                .form()
                .as(service -> pool -> GrpcHealthCheck.of(client.get(), pool, service.isEmpty() ? "" : service.get(0)));
    }

    static ObjectType<?, Function<String, LoadReportSource>> loads(Supplier<OkHttpClient> client) {
        ObjectSchema.Builder<ProbeDraft> fields = ObjectSchema.<ProbeDraft>of(
                        "loadReports.http", "a JSON document that backends serve.", ProbeDraft::new)
                .required(
                        "path",
                        Types.text("a path, perhaps with a query"),
                        "where it is",
                        (draft, path) -> draft.path = path);
        pointers(fields);
        ownHosts(fields, (draft, own) -> draft.ownHosts = own);
        return fields.form()
                .as(draft -> pool -> draft.ownHosts
                        ? HttpLoadProbe.of(client.get(), draft.path, draft.pointers)
                        : HttpLoadProbe.of(client.get(), pool, draft.path, draft.pointers));
    }

    private static void pointers(ObjectSchema.Builder<ProbeDraft> fields) {
        pointer(
                fields,
                "utilization",
                "where the utilization by the application's own measure stands",
                JsonLoadReportMapping::utilization);
        pointer(fields, "cpu", "where the utilization of the processors stands", JsonLoadReportMapping::cpu);
        pointer(fields, "memory", "where the utilization of the memory stands", JsonLoadReportMapping::memory);
        pointer(fields, "qps", "where the queries per second stand", JsonLoadReportMapping::qps);
        pointer(fields, "eps", "where the errors per second stand", JsonLoadReportMapping::eps);
        fields.optional(
                "metrics",
                Types.map(POINTER, "metric"),
                Default.text("none"),
                "where others stand",
                (draft, metrics) ->
                        metrics.forEach((name, pointer) -> draft.pointers = draft.pointers.metric(name, pointer)));
    }

    private static void pointer(
            ObjectSchema.Builder<ProbeDraft> fields,
            String name,
            String meaning,
            BiFunction<JsonLoadReportMapping, String, JsonLoadReportMapping> with) {
        fields.optional(
                name,
                POINTER,
                Default.text("none"),
                meaning,
                (draft, pointer) -> draft.pointers = with.apply(draft.pointers, pointer));
    }

    private static int[] statuses(String text) {
        if (!text.matches("[0-9]{3}(-[0-9]{3})?")) {
            throw new IllegalArgumentException("statuses must be such as 200 or 200-299: \"" + text + "\"");
        }
        return new int[] {Integer.parseInt(text.substring(0, 3)), Integer.parseInt(text.substring(text.length() - 3))};
    }

    /** The check is made again for its pool, with what was set before. */
    private static final class Http {
        private final Supplier<OkHttpClient> client;
        private final HttpHealthCheck.Builder tried;
        private final List<Consumer<HttpHealthCheck.Builder>> settings = new ArrayList<>();
        private boolean ownHosts;

        Http(Supplier<OkHttpClient> client) {
            this.client = client;
            this.tried = HttpHealthCheck.builder(client.get());
        }

        void set(Consumer<HttpHealthCheck.Builder> setting) {
            setting.accept(tried);
            settings.add(setting);
        }

        /** OkHttp's own check quotes the value. */
        void headers(Map<String, String> headers) {
            Map<String, String> checked = new LinkedHashMap<>();
            headers.forEach(
                    (name, value) -> checked.put(HeaderEdit.set(name, value).name(), value));
            checked.forEach((name, value) -> set(check -> check.header(name, value)));
        }

        HealthCheck build(String pool) {
            HttpHealthCheck.Builder check =
                    ownHosts ? HttpHealthCheck.builder(client.get()) : HttpHealthCheck.builder(client.get(), pool);
            settings.forEach(setting -> setting.accept(check));
            return check.build();
        }
    }

    private static final class ProbeDraft {
        private String path = "/";
        private JsonLoadReportMapping pointers = JsonLoadReportMapping.none();
        private boolean ownHosts;
    }
}
