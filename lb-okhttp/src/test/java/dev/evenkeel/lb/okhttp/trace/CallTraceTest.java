package dev.evenkeel.lb.okhttp.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What tracing interceptors find out, with OpenTelemetry's SDK; and what calls that ask are told. */
class CallTraceTest {
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(spans))
            .build();
    private final Tracer tracer = provider.get("test");
    private final List<AutoCloseable> open = new ArrayList<>();
    private LoadBalancer users;
    private OkHttpClient client;

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.connectionPool().evictAll();
            users.close();
        }
        for (AutoCloseable each : open) {
            each.close();
        }
        provider.close();
    }

    private TestBackend start(String name) {
        TestBackend backend = TestBackend.start(name);
        open.add(backend);
        return backend;
    }

    private void attach(Backend... members) {
        users = LoadBalancers.builder("users")
                .backends(List.of(members))
                .strategy(Strategies.roundRobin())
                .random(() -> 0)
                .build();
        client = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .addInterceptor(this::traceCall)
                        .addNetworkInterceptor(this::traceExchange)
                        .build(),
                users);
    }

    /** One span a call, as an application makes them. */
    private Response traceCall(Interceptor.Chain chain) throws IOException {
        Span span = tracer.spanBuilder("call").setSpanKind(SpanKind.INTERNAL).startSpan();
        try (Scope unused = span.makeCurrent()) {
            return chain.proceed(chain.request());
        } finally {
            LoadBalancing.trace(chain.call()).ifPresent(trace -> {
                span.setAllAttributes(attributes(trace.attributes()));
                trace.attempts().forEach(attempt -> span.addEvent("attempt", attributes(attempt.attributes())));
            });
            span.end();
        }
    }

    /** One span an exchange, as OpenTelemetry's instrumentation makes them. */
    private Response traceExchange(Interceptor.Chain chain) throws IOException {
        Span span = tracer.spanBuilder("exchange").setSpanKind(SpanKind.CLIENT).startSpan();
        LoadBalancing.trace(chain.call()).ifPresent(trace -> span.setAllAttributes(attributes(trace.attributes())));
        try {
            return chain.proceed(chain.request());
        } finally {
            span.end();
        }
    }

    private static Attributes attributes(Map<String, Object> named) {
        AttributesBuilder attributes = Attributes.builder();
        named.forEach((name, value) -> {
            if (value instanceof Long number) {
                attributes.put(name, number);
            } else {
                attributes.put(name, (String) value);
            }
        });
        return attributes.build();
    }

    private static Map<String, Object> named(Attributes attributes) {
        Map<String, Object> named = new TreeMap<>();
        attributes.forEach((key, value) -> named.put(key.getKey(), value));
        return named;
    }

    private List<SpanData> spans(String name) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals(name))
                .toList();
    }

    private String call(Request.Builder request) throws IOException {
        try (Response response =
                client.newCall(request.url("http://users/x").build()).execute()) {
            return response.body().string();
        }
    }

    @Test
    void spans_sayWhereCallsWent_andEachAttempt() throws IOException {
        RefusingPort gone = RefusingPort.open("gone");
        open.add(gone);
        TestBackend sick = start("sick");
        sick.answer(sick.named().code(503).build());
        TestBackend up = start("up");
        attach(gone.backend(), sick.backend(), up.backend());

        assertThat(call(new Request.Builder())).isEqualTo("up");

        assertThat(spans("call")).singleElement().satisfies(span -> {
            assertThat(named(span.getAttributes()))
                    .containsEntry("network.peer.address", up.backend().host())
                    .containsEntry("network.peer.port", (long) up.backend().port())
                    .doesNotContainKeys("server.address", "server.port")
                    .containsEntry("http.request.resend_count", 2L)
                    .containsEntry("evenkeel.pool", "users")
                    .containsEntry("evenkeel.strategy", "roundRobin")
                    .containsEntry("evenkeel.attempt", 3L)
                    .containsEntry("evenkeel.backend", "up")
                    .containsEntry("evenkeel.attempts", 3L)
                    .containsEntry("evenkeel.reason", "HTTP 200")
                    .doesNotContainKey("evenkeel.route");
            assertThat(span.getEvents())
                    .extracting(EventData::getAttributes)
                    .extracting(attributes -> named(attributes).get("evenkeel.backend") + " "
                            + named(attributes).get("evenkeel.outcome"))
                    .containsExactly("gone never_sent", "sick gateway_error", "up null");
        });
        assertThat(spans("exchange"))
                .extracting(SpanData::getAttributes)
                .extracting(attributes -> named(attributes).get("evenkeel.backend") + " "
                        + named(attributes).get("http.request.resend_count"))
                .containsExactly("sick 1", "up 2");
    }

    @Test
    void firstAttempt_hasNoResendCount_andFailuresAreTracedToo() throws IOException {
        RefusingPort gone = RefusingPort.open("gone");
        open.add(gone);
        attach(gone.backend());

        assertThatThrownBy(() -> call(new Request.Builder())).isInstanceOf(IOException.class);

        assertThat(named(spans("call").get(0).getAttributes()))
                .containsEntry("evenkeel.backend", "gone")
                .containsEntry("evenkeel.outcome", "never_sent")
                .containsEntry("evenkeel.attempts", 1L)
                .doesNotContainKey("http.request.resend_count");
    }

    @Test
    void nobody_isTracedWithoutABackend() {
        attach(Backend.of("http://127.0.0.1:1"));
        users.registry().maintenance("127.0.0.1:1");

        assertThatThrownBy(() -> call(new Request.Builder())).isInstanceOf(IOException.class);

        assertThat(named(spans("call").get(0).getAttributes()))
                .isEqualTo(
                        Map.of("evenkeel.pool", "users", "evenkeel.strategy", "roundRobin", "evenkeel.attempts", 0L));
    }

    @Test
    void callThatAsks_isToldWhyForEachAttempt() throws IOException {
        TestBackend sick = start("sick");
        sick.answer(sick.named().code(503).build());
        TestBackend up = start("up");
        TestBackend idle = start("idle");
        attach(sick.backend(), up.backend(), idle.backend());
        users.registry().maintenance("idle");
        DecisionTrace why = new DecisionTrace();

        assertThat(call(new Request.Builder().tag(DecisionTrace.class, why))).isEqualTo("up");

        assertThat(why.decisions())
                .extracting(decision -> decision.chosen().id())
                .containsExactly("sick", "up");
        assertThat(why.decisions().get(1).option("sick").orElseThrow().reason()).isEqualTo(Ineligibility.TRIED);
        assertThat(why.toString().lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("pool \"users\" (roundRobin) chose up")
                .endsWith("; not eligible: sick (tried in this call); idle (in maintenance)");
    }

    @Test
    void callThatAsks_isToldWhyNobodyWasChosen() {
        attach(Backend.of("http://127.0.0.1:1"));
        users.registry().maintenance("127.0.0.1:1");
        DecisionTrace why = new DecisionTrace();

        assertThatThrownBy(() -> call(new Request.Builder().tag(DecisionTrace.class, why)))
                .isInstanceOf(IOException.class);

        assertThat(why.decisions()).singleElement().satisfies(decision -> {
            assertThat(decision.chosen()).isNull();
            assertThat(decision.refusal()).contains("1 in maintenance");
        });
    }
}
