package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BackendFeedbackTest {
    private final List<LoadReport> reports = new CopyOnWriteArrayList<>();

    private LoadBalancer pool(TestBackend... servers) {
        return LoadBalancers.builder("users")
                .backends(List.of(servers).stream().map(TestBackend::backend).toList())
                .strategy(context -> new Picker() {
                    @Override
                    public Candidate pick(PickRequest request) {
                        return context.candidates().stream()
                                .filter(request::accepts)
                                .findFirst()
                                .orElse(null);
                    }

                    @Override
                    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
                        reports.add(report);
                    }
                })
                .build();
    }

    private static int call(OkHttpClient client) throws IOException {
        try (Response response = client.newCall(
                        new Request.Builder().url("http://users/x").build())
                .execute()) {
            return response.code();
        }
    }

    @Test
    void orcaHeader_reachesTheStrategy() throws IOException {
        try (TestBackend server = TestBackend.start("a");
                LoadBalancer pool = pool(server)) {
            server.answer(server.named()
                    .setHeader("endpoint-load-metrics", "TEXT cpu_utilization=0.3, rps_fractional=10")
                    .build());
            call(LoadBalancing.attach(new OkHttpClient(), pool));

            assertThat(reports).singleElement().satisfies(report -> {
                assertThat(report.cpuUtilization()).isEqualTo(0.3);
                assertThat(report.qps()).isEqualTo(10);
            });
        }
    }

    /** 0.5 as field 1, cpu_utilization, and 20 as field 6, rps_fractional. */
    private static final String BINARY = "CQAAAAAAAOA/MQAAAAAAADRA";

    @ParameterizedTest
    @MethodSource("formsOnEachWire")
    void orcaTrailer_reachesTheStrategyAtTheEndOfTheBody(Wire wire, String name, String value) throws IOException {
        try (TestBackend server = TestBackend.start("a", wire);
                LoadBalancer pool = pool(server)) {
            server.answer(server.trailing("x".repeat(100_000), Headers.of(name, value))
                    .build());
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            try (Response response =
                    client.newCall(Calls.get(wire.scheme() + "://users/x")).execute()) {
                assertThat(reports).isEmpty();
                assertThat(response.body().string()).hasSize(100_000);
            }

            assertThat(reports).singleElement().satisfies(report -> {
                assertThat(report.cpuUtilization()).isEqualTo(0.5);
                assertThat(report.qps()).isEqualTo(20);
            });
        }
    }

    static Stream<Arguments> formsOnEachWire() {
        return Arrays.stream(Wire.values())
                .flatMap(wire -> Stream.of(
                        Arguments.of(wire, "endpoint-load-metrics", "TEXT cpu_utilization=0.5, rps_fractional=20"),
                        Arguments.of(
                                wire,
                                "endpoint-load-metrics",
                                "JSON {\"cpu_utilization\": 0.5, \"rps_fractional\": 20}"),
                        Arguments.of(wire, "endpoint-load-metrics", "BIN " + BINARY),
                        Arguments.of(wire, "endpoint-load-metrics-bin", BINARY)));
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void orcaTrailer_afterABodyOfKnownLength_isReadWhereTheProtocolHasIt(Wire wire) throws IOException {
        try (TestBackend server = TestBackend.start("a", wire);
                LoadBalancer pool = pool(server)) {
            server.answer(server.named()
                    .trailers(Headers.of("endpoint-load-metrics", "TEXT cpu_utilization=0.5"))
                    .build());
            String body = Calls.body(
                    LoadBalancing.attach(TestBackend.client(wire).build(), pool), wire.scheme() + "://users/x");

            assertThat(body).isEqualTo("a");
            assertThat(reports).hasSize(wire == Wire.H1 ? 0 : 1);
        }
    }

    @Test
    void hostileTrailer_isRefused_andTheBodyIsWhole() throws IOException {
        try (TestBackend server = TestBackend.start("a");
                LoadBalancer pool = pool(server)) {
            server.answer(server.trailing("whole", Headers.of("endpoint-load-metrics", "TEXT cpu_utilization=Infinity"))
                    .build());

            assertThat(Calls.body(LoadBalancing.attach(new OkHttpClient(), pool), "http://users/x"))
                    .isEqualTo("whole");
            assertThat(reports).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TEXT cpu_utilization=NaN", "JSON {", "BIN !!", "nonsense", "TEXT cpu_utilization=-1"})
    void hostileReport_isRefused_andTheCallSucceeds(String header) throws IOException {
        try (TestBackend server = TestBackend.start("a");
                LoadBalancer pool = pool(server)) {
            server.answer(
                    server.named().setHeader("endpoint-load-metrics", header).build());

            assertThat(call(LoadBalancing.attach(new OkHttpClient(), pool))).isEqualTo(200);
            assertThat(reports).isEmpty();
        }
    }

    @Test
    void retryAfter_letsTheBackendRest() throws IOException {
        try (TestBackend throttled = TestBackend.start("a");
                TestBackend other = TestBackend.start("b");
                LoadBalancer pool = pool(throttled, other)) {
            throttled.answer(
                    throttled.named().code(429).setHeader("Retry-After", "20").build());
            OkHttpClient client =
                    LoadBalancing.builder().pools(pool).maxAttempts(1).attach(new OkHttpClient());

            assertThat(call(client)).isEqualTo(429);
            assertThat(call(client)).isEqualTo(200);
            assertThat(call(client)).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"20, PT20S", "0,", "-5,", "soon,", "99999999999999999999, PT277777H46M39S", "1e9,", "'',"})
    void retryAfter_isRead(String value, Duration expected) {
        assertThat(BackendFeedback.retryAfter(Headers.of("Retry-After", value == null ? "" : value)))
                .isEqualTo(expected);
    }

    @Test
    void retryAfter_asADate_isTheTimeUntilThen() {
        assertThat(BackendFeedback.retryAfter(Headers.of("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT")))
                .isGreaterThan(Duration.ofDays(3_650));
        assertThat(BackendFeedback.retryAfter(Headers.of("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")))
                .isNull();
    }
}
