package dev.evenkeel.lb.okhttp.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.instrumentation.api.instrumenter.AttributesExtractor;
import io.opentelemetry.instrumentation.api.instrumenter.Instrumenter;
import io.opentelemetry.instrumentation.api.semconv.http.HttpClientRequestResendCount;
import io.opentelemetry.instrumentation.okhttp.v3_0.OkHttpTelemetry;
import io.opentelemetry.instrumentation.okhttp.v3_0.internal.ConnectionErrorSpanInterceptor;
import io.opentelemetry.instrumentation.okhttp.v3_0.internal.OkHttpClientInstrumenterBuilderFactory;
import io.opentelemetry.instrumentation.okhttp.v3_0.internal.TracingInterceptor;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenTelemetry's own instrumentation of OkHttp over an attached client: a span for each attempt, with our attributes. */
class OpenTelemetryTest {
    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(spans))
            .build();
    private final OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(provider)
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    private final List<AutoCloseable> open = new ArrayList<>();
    private LoadBalancer users;
    private OkHttpClient client;
    private Call.Factory calls;

    /** As on the page docs/tracing.md. */
    static final class Attempts implements AttributesExtractor<Interceptor.Chain, Response> {
        @Override
        public void onStart(AttributesBuilder attributes, Context context, Interceptor.Chain chain) {}

        @Override
        public void onEnd(
                AttributesBuilder attributes,
                Context context,
                Interceptor.Chain chain,
                @Nullable Response response,
                @Nullable Throwable error) {
            LoadBalancing.ownTrace(chain.call())
                    .ifPresent(trace -> trace.attributes().forEach((name, value) -> {
                        if (value instanceof Long number) {
                            attributes.put(name, number);
                        } else {
                            attributes.put(name, value.toString());
                        }
                    }));
        }
    }

    @BeforeEach
    void makeClient() {
        client = new OkHttpClient();
    }

    @AfterEach
    void close() throws Exception {
        client.connectionPool().evictAll();
        users.close();
        for (AutoCloseable each : open) {
            each.close();
        }
        telemetry.close();
    }

    private TestBackend start(String name) {
        TestBackend backend = TestBackend.start(name);
        open.add(backend);
        return backend;
    }

    private Backend refusing() throws IOException {
        RefusingPort gone = RefusingPort.open("gone");
        open.add(gone);
        return gone.backend();
    }

    private void attach(Backend... members) {
        users = LoadBalancers.builder("users")
                .backends(List.of(members))
                .strategy(Strategies.roundRobin())
                .random(() -> 0)
                .build();
        client = LoadBalancing.attach(client, users);
        calls = OkHttpTelemetry.builder(telemetry)
                .addAttributesExtractor(new Attempts())
                .build()
                .createCallFactory(client);
    }

    private String call(Call.Factory factory) throws IOException {
        Span parent = provider.get("test").spanBuilder("parent").startSpan();
        try (Scope scope = parent.makeCurrent();
                Response response = factory.newCall(
                                new Request.Builder().url("http://users/x").build())
                        .execute()) {
            return response.body().string();
        } finally {
            parent.end();
        }
    }

    /** The spans of exchanges, in the order of their ends. */
    private List<SpanData> exchanges() {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> !span.getName().equals("parent"))
                .toList();
    }

    private static Map<String, Object> named(SpanData span) {
        Map<String, Object> named = new TreeMap<>();
        span.getAttributes().forEach((key, value) -> named.put(key.getKey(), value));
        return named;
    }

    private void assertOneTrace() {
        assertThat(spans.getFinishedSpanItems())
                .extracting(SpanData::getTraceId)
                .containsOnly(spans.getFinishedSpanItems().get(0).getTraceId());
        String parent = spans.getFinishedSpanItems().stream()
                .filter(span -> span.getName().equals("parent"))
                .findFirst()
                .orElseThrow()
                .getSpanId();
        assertThat(exchanges())
                .allSatisfy(span -> assertThat(span.getParentSpanId()).isEqualTo(parent));
    }

    @Test
    void steeredCall_hasTheUrlAsServer_andTheBackendAsPeer() throws IOException {
        TestBackend up = start("up");
        attach(up.backend());

        assertThat(call(calls)).isEqualTo("up");

        assertThat(exchanges())
                .singleElement()
                .satisfies(span -> assertThat(named(span))
                        .containsEntry("server.address", "users")
                        .containsEntry("server.port", 80L)
                        .containsEntry("url.full", "http://users/x")
                        .containsEntry("network.peer.address", up.backend().host())
                        .containsEntry("network.peer.port", (long) up.backend().port())
                        .containsEntry("http.response.status_code", 200L)
                        .containsEntry("evenkeel.pool", "users")
                        .containsEntry("evenkeel.backend", "up")
                        .containsEntry("evenkeel.strategy", "roundRobin")
                        .containsEntry("evenkeel.attempt", 1L)
                        .doesNotContainKey("http.request.resend_count"));
        assertOneTrace();
    }

    @Test
    void retriedCall_hasASpanForEachExchange_withItsNumber() throws IOException {
        TestBackend sick = start("sick");
        sick.answer(sick.named().code(503).build());
        TestBackend up = start("up");
        attach(sick.backend(), up.backend());

        assertThat(call(calls)).isEqualTo("up");

        assertThat(exchanges())
                .extracting(OpenTelemetryTest::named)
                .extracting(span -> span.get("evenkeel.backend") + " " + span.get("evenkeel.attempt") + " "
                        + span.get("http.request.resend_count") + " " + span.get("http.response.status_code"))
                .containsExactly("sick 1 null 503", "up 2 1 200");
        assertThat(exchanges())
                .extracting(span -> named(span).get("network.peer.port"))
                .containsExactly(
                        (long) sick.backend().port(), (long) up.backend().port());
        assertThat(exchanges()).allSatisfy(span -> assertThat(named(span)).containsEntry("server.address", "users"));
        assertOneTrace();
    }

    /** The attempt that found no connection has no span of its own; the next one tells that there was one. */
    @Test
    void attemptWithoutAConnection_isCountedByTheNextOne() throws IOException {
        TestBackend up = start("up");
        attach(refusing(), up.backend());

        assertThat(call(calls)).isEqualTo("up");

        assertThat(exchanges())
                .singleElement()
                .satisfies(span -> assertThat(named(span))
                        .containsEntry("evenkeel.backend", "up")
                        .containsEntry("evenkeel.attempt", 2L)
                        .containsEntry("http.request.resend_count", 1L));
    }

    @Test
    void callThatNoBackendTook_hasOneSpan_withTheError() throws IOException {
        Backend gone = refusing();
        attach(gone);

        assertThatThrownBy(() -> call(calls)).isInstanceOf(IOException.class);

        assertThat(exchanges()).singleElement().satisfies(span -> {
            assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
            assertThat(named(span))
                    .containsEntry("server.address", "users")
                    .containsEntry("evenkeel.backend", "gone")
                    .containsEntry("evenkeel.outcome", "never_sent")
                    .containsEntry("network.peer.port", (long) gone.port());
        });
        assertOneTrace();
    }

    /** OpenTelemetry's calls were made for OkHttp 4 and have no tags. */
    @Test
    void callOfTheFactory_hasNoTrace_butItsResponseHas() throws IOException {
        attach(start("up").backend());
        Call call = calls.newCall(new Request.Builder().url("http://users/x").build());

        try (Response response = call.execute()) {
            assertThat(LoadBalancing.trace(call)).isEmpty();
            assertThat(LoadBalancing.trace(response).orElseThrow().attempts()).hasSize(1);
        }
    }

    /** With the interceptors that OpenTelemetry's agent puts into each client: its factory makes no hedged calls. */
    @Test
    void hedgedCall_hasASpanForEachRequest_andTheLoserIsCancelled() throws Exception {
        Instrumenter<Interceptor.Chain, Response> instrumenter = OkHttpClientInstrumenterBuilderFactory.create(
                        telemetry)
                .addAttributesExtractor(new Attempts())
                .build();
        TestBackend slow = start("slow");
        slow.answer(slow.named().headersDelay(1, TimeUnit.MINUTES).build());
        TestBackend quick = start("quick");
        client = client.newBuilder()
                .addInterceptor(chain -> {
                    try (Scope scope = HttpClientRequestResendCount.initialize(Context.current())
                            .makeCurrent()) {
                        return chain.proceed(chain.request());
                    }
                })
                .addInterceptor(new ConnectionErrorSpanInterceptor(instrumenter))
                .addNetworkInterceptor(new TracingInterceptor(instrumenter, telemetry.getPropagators()))
                .build();
        attach(slow.backend(), quick.backend());
        Call.Factory hedged = LoadBalancing.hedging(
                client, HedgePolicy.builder().delay(Duration.ofMillis(20)).build());

        assertThat(call(hedged)).isEqualTo("quick");

        await().untilAsserted(() ->
                assertThat(exchanges()).extracting(OpenTelemetryTest::named).hasSize(2));
        assertThat(exchanges())
                .extracting(span -> named(span).get("server.address") + " "
                        + named(span).get("network.peer.port") + " "
                        + named(span).get("evenkeel.backend") + " "
                        + named(span).get("evenkeel.attempt") + " "
                        + span.getStatus().getStatusCode())
                .containsExactlyInAnyOrder(
                        "users " + slow.backend().port() + " slow 1 " + StatusCode.ERROR,
                        "users " + quick.backend().port() + " quick 1 " + StatusCode.UNSET);
    }
}
