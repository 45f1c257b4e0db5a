package dev.evenkeel.lb.okhttp.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.load.JsonLoadReportMapping;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpLoadProbeTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final MockWebServer server = new MockWebServer();
    private final OkHttpClient client = new OkHttpClient();
    private final JsonLoadReportMapping pointers =
            JsonLoadReportMapping.none().cpu("/cpu").qps("/qps");
    private final HttpLoadProbe probe = HttpLoadProbe.of(client, "users", "/load?all", pointers);

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Backend backend() {
        return Backend.builder("http://127.0.0.1:" + server.getPort()).id("a").build();
    }

    private static MockResponse json(String body) {
        return new MockResponse.Builder().body(body).build();
    }

    private LoadReport read() throws InterruptedException, ExecutionException {
        return probe.read(backend(), LONG).toCompletableFuture().get().report();
    }

    @Test
    void document_becomesAReport_askedForUnderTheLogicalHost() throws Exception {
        server.enqueue(json("{\"cpu\": 0.5, \"qps\": 20}"));
        assertThat(read())
                .isEqualTo(LoadReport.builder().cpuUtilization(0.5).qps(20).build());
        RecordedRequest request = server.takeRequest();
        assertThat(request.getTarget()).isEqualTo("/load?all");
        assertThat(request.getHeaders().get("Host")).isEqualTo("users");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"cpu\": -1, \"qps\": 1}", "{\"cpu\": \"NaN\", \"qps\": 1}", "<html>", ""})
    void hostileDocument_isNoReading(String body) {
        server.enqueue(json(body));
        assertThatThrownBy(this::read).hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void statusOtherThan2xx_isNoReading() {
        server.enqueue(new MockResponse.Builder()
                .code(503)
                .body("{\"cpu\": 0.5, \"qps\": 20}")
                .build());
        assertThatThrownBy(this::read).hasRootCauseMessage("HTTP 503");
    }

    @Test
    void bodyOfAnySize_isReadToItsBoundOnly() {
        server.enqueue(json("{\"cpu\": 0.5, \"qps\": 20}" + " ".repeat(1 << 20)));
        assertThatThrownBy(this::read).hasRootCauseMessage("the body has more than 65536 bytes");
    }

    @Test
    void nobodyThere_isNoReading() {
        Backend gone = backend();
        server.close();
        assertThatThrownBy(() -> probe.read(gone, LONG).toCompletableFuture().get())
                .hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void cancellation_cancelsTheCall() {
        server.enqueue(new MockResponse.Builder()
                .onResponseStart(SocketEffect.Stall.INSTANCE)
                .build());
        AtomicInteger cancelled = new AtomicInteger();
        OkHttpClient watched = client.newBuilder()
                .eventListener(new EventListener() {
                    @Override
                    public void canceled(Call call) {
                        cancelled.incrementAndGet();
                    }
                })
                .build();
        CompletableFuture<?> reading = HttpLoadProbe.of(watched, "/load", pointers)
                .read(backend(), LONG)
                .toCompletableFuture();
        reading.cancel(true);
        await().untilAsserted(() -> assertThat(cancelled).hasValue(1));
        // When the thread that reads has returned.
        await().untilAsserted(() -> assertThat(reading).isCancelled());
    }

    @Test
    void badSettings_areRefused() {
        assertThatThrownBy(() -> HttpLoadProbe.of(client, "load", pointers))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load probe path must start with one slash, such as /healthz: \"load\"");
    }

    @Test
    void pool_followsWhatItsBackendsServe() throws IOException {
        try (MockWebServer busy = new MockWebServer()) {
            busy.start();
            busy.setDispatcher(always("{\"cpu\": 0.9, \"qps\": 10}"));
            server.setDispatcher(always("{\"cpu\": 0.1, \"qps\": 10}"));
            Backend busyOne = Backend.builder("http://127.0.0.1:" + busy.getPort())
                    .id("busy")
                    .build();
            try (LoadBalancer pool = LoadBalancers.builder("users")
                    .backend(backend())
                    .backend(busyOne)
                    .strategy(Strategies.resourceBased().blackoutDuration(Duration.ZERO))
                    .loadReports(LoadReportPolicy.of(probe).withInterval(Duration.ofMillis(20)))
                    .build()) {
                await().untilAsserted(() -> assertThat(callsToBusy(pool)).isBetween(50, 150));
            }
        }
    }

    /** The clock of the pool stands still while backends are polled, so that the test does not depend on the machine. */
    @Test
    void quietPool_leavesABackendAlone_whileItServesManyRequests() throws IOException {
        AtomicLong nowNanos = new AtomicLong();
        AtomicInteger polls = new AtomicInteger();
        AtomicInteger pollsOfBusy = new AtomicInteger();
        AtomicInteger inFlightOfBusy = new AtomicInteger(5);
        try (MockWebServer busy = new MockWebServer()) {
            busy.start();
            busy.setDispatcher(inFlight(inFlightOfBusy, pollsOfBusy));
            server.setDispatcher(inFlight(new AtomicInteger(5), polls));
            try (LoadBalancer pool = LoadBalancers.builder("users")
                    .backend(backend())
                    .backend(Backend.builder("http://127.0.0.1:" + busy.getPort())
                            .id("busy")
                            .build())
                    .strategy(Strategies.adaptiveWithLoadReports())
                    .loadReports(LoadReportPolicy.of(HttpLoadProbe.of(
                                    client,
                                    "users",
                                    "/load",
                                    JsonLoadReportMapping.none().metric(LoadReport.IN_FLIGHT, "/in_flight")))
                            .withInterval(Duration.ofMillis(5)))
                    .timeSource(nowNanos::get)
                    .build()) {
                Runnable quiet = () -> {
                    nowNanos.addAndGet(2_000_000_000L);
                    int before = polls.get();
                    int beforeOfBusy = pollsOfBusy.get();
                    // The poll after the next one begins when the next one's report has come.
                    await().until(() -> polls.get() > before + 2 && pollsOfBusy.get() > beforeOfBusy + 2);
                };
                Runnable tenMillis = () -> nowNanos.addAndGet(10_000_000);
                assertThat(callsToBusy(pool, 10, quiet, tenMillis)).isBetween(3, 7);
                inFlightOfBusy.set(500);
                quiet.run();
                assertThat(callsToBusy(pool, 10, quiet, tenMillis)).isZero();
                inFlightOfBusy.set(5);
                quiet.run();
                assertThat(callsToBusy(pool, 10, quiet, tenMillis)).isGreaterThan(3);
            }
        }
    }

    private static Dispatcher inFlight(AtomicInteger inFlight, AtomicInteger polls) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                polls.incrementAndGet();
                return json("{\"in_flight\": " + inFlight + "}");
            }
        };
    }

    private static int callsToBusy(LoadBalancer pool) {
        return callsToBusy(pool, 1_000, () -> {}, () -> {});
    }

    private static int callsToBusy(LoadBalancer pool, int calls, Runnable before, Runnable meanwhile) {
        int count = 0;
        for (int i = 0; i < calls; i++) {
            before.run();
            Lease lease = (Lease) pool.acquire(RequestContext.NONE);
            count += lease.backend().id().equals("busy") ? 1 : 0;
            meanwhile.run();
            lease.complete(Outcome.SUCCESS);
        }
        return count;
    }

    private static Dispatcher always(String body) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return json(body);
            }
        };
    }
}
