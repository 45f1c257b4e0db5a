package dev.evenkeel.lb.okhttp.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.internal.call.SafeOutcomeClassifier;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier.Ending;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the ends of attempts say of a backend, by the standard and by a user's own rules. */
@Timeout(60)
class OutcomeClassifierTest {
    private static final Request REQUEST = Calls.get("http://users/x");

    private TestBackend backend = TestBackend.start("a");
    private RecordingPool pool = RecordingPool.of(backend);
    private Wire wire = Wire.H1;

    @AfterEach
    void close() {
        pool.close();
        backend.close();
    }

    private void use(Wire other) {
        if (other != Wire.H1) {
            close();
            wire = other;
            backend = TestBackend.start("a", other);
            pool = RecordingPool.of(backend);
        }
    }

    private OkHttpClient client(OutcomeClassifier classifier) {
        return LoadBalancing.builder()
                .pools(pool)
                .outcomes(classifier)
                .attach(TestBackend.client(wire).build());
    }

    private Request request() {
        return Calls.get(wire.scheme() + "://users/x");
    }

    private String call(OutcomeClassifier classifier) throws IOException {
        return Calls.body(client(classifier), request());
    }

    private static Response.Builder response(int code) {
        return new Response.Builder()
                .request(REQUEST)
                .protocol(Protocol.HTTP_1_1)
                .message("")
                .code(code);
    }

    private static Outcome outcome(OutcomeClassifier classifier, Response response) {
        return new SafeOutcomeClassifier(classifier).of(REQUEST, response, Headers.EMPTY);
    }

    /** Vector ngx-404-not-failure: nginx/nginx-tests proxy_next_upstream.t. */
    @Test
    void notFound_isNoFailureOfTheBackend() throws IOException {
        backend.answer(backend.named().code(404).build());
        call(OutcomeClassifier.standard());
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        assertThat(pool.outcomes().get(0).isFailure()).isFalse();
    }

    @Test
    void notFound_countsAsTheUserSays() throws IOException {
        backend.answer(backend.named().code(404).build());
        assertThat(call(OutcomeClassifier.standard().countingStatus(404, 404, Outcome.SERVER_ERROR)))
                .isEqualTo("a");
        assertThat(pool.outcomes()).containsExactly(Outcome.SERVER_ERROR);
    }

    static IntStream statuses() {
        return IntStream.rangeClosed(100, 599);
    }

    /** Vector hap-observe-l7: haproxy's configuration.txt, observe layer7. Valid are 100 to 499, 501 and 505. */
    @ParameterizedTest
    @MethodSource("statuses")
    void haproxysLayer7Observation_isTheStandardWithTwoStatusesMore(int code) {
        OutcomeClassifier haproxys = OutcomeClassifier.standard()
                .countingStatus(501, 501, Outcome.SUCCESS)
                .countingStatus(505, 505, Outcome.SUCCESS);
        boolean valid = code < 500 || code == 501 || code == 505;
        assertThat(outcome(haproxys, response(code).build()).isFailure()).isEqualTo(!valid);
    }

    @ParameterizedTest
    @CsvSource({
        "200, , SUCCESS",
        "404, , SUCCESS",
        "429, , THROTTLED",
        "500, , SERVER_ERROR",
        "501, , SERVER_ERROR",
        "502, , GATEWAY_ERROR",
        "503, , GATEWAY_ERROR",
        "504, , GATEWAY_ERROR",
        "505, , SERVER_ERROR",
        "503, 5, THROTTLED",
        "500, 5, SERVER_ERROR",
        "599, , SERVER_ERROR"
    })
    void status_byTheStandard(int code, String retryAfter, Outcome expected) {
        Response.Builder response = response(code);
        if (retryAfter != null) {
            response.header("Retry-After", retryAfter);
        }
        assertThat(outcome(OutcomeClassifier.standard(), response.build())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, SUCCESS",
        "1, CANCELLED",
        "2, SERVER_ERROR",
        "3, SUCCESS",
        "4, TIMED_OUT",
        "5, SUCCESS",
        "6, SUCCESS",
        "7, SUCCESS",
        "8, THROTTLED",
        "9, SUCCESS",
        "10, SUCCESS",
        "11, SUCCESS",
        "12, SUCCESS",
        "13, SERVER_ERROR",
        "14, GATEWAY_ERROR",
        "15, SERVER_ERROR",
        "16, SUCCESS",
        "17, SERVER_ERROR",
        "-1, SERVER_ERROR",
        "nonsense, SERVER_ERROR",
        "'', SERVER_ERROR",
        "' 14', GATEWAY_ERROR"
    })
    void grpcStatus_inTrailers_byTheStandard(String status, Outcome expected) {
        Response response =
                response(200).header("Content-Type", "application/grpc+proto").build();
        assertThat(new SafeOutcomeClassifier(OutcomeClassifier.standard())
                        .of(REQUEST, response, Headers.of("grpc-status", status)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/grpc-web+proto", "text/application/grpc"})
    void grpcStatus_ofWhatIsNotGrpc_saysNothing(String type) {
        Response response = response(200)
                .header("Content-Type", type)
                .header("grpc-status", "14")
                .build();
        assertThat(outcome(OutcomeClassifier.standard(), response)).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void grpcStatus_inAHeadWithoutABody_isRead() {
        Response response = response(200)
                .header("Content-Type", "application/grpc")
                .header("grpc-status", "8")
                .build();
        assertThat(outcome(OutcomeClassifier.standard(), response)).isEqualTo(Outcome.THROTTLED);
    }

    @Test
    void grpcWithoutStatus_goesByHttp() {
        Response response =
                response(502).header("Content-Type", "application/grpc").build();
        assertThat(outcome(OutcomeClassifier.standard(), response)).isEqualTo(Outcome.GATEWAY_ERROR);
    }

    private MockResponse.Builder grpcOf(int bytes, String status) {
        return backend.trailing("x".repeat(bytes), Headers.of("grpc-status", status))
                .setHeader("Content-Type", "application/grpc");
    }

    private MockResponse grpc(String status) {
        return grpcOf(100_000, status).build();
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void grpcTrailers_bodyReadToItsEnd_decide(Wire wire) throws IOException {
        use(wire);
        backend.answer(grpc("14"));
        assertThat(call(OutcomeClassifier.standard())).hasSize(100_000);
        assertThat(pool.outcomes()).containsExactly(Outcome.GATEWAY_ERROR);
        assertThat(pool.inFlight()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void grpcTrailers_askedForByTheCaller_decide(Wire wire) throws IOException {
        use(wire);
        backend.answer(grpc("14"));
        try (Response response =
                client(OutcomeClassifier.standard()).newCall(request()).execute()) {
            assertThat(response.trailers().get("grpc-status")).isEqualTo("14");
            assertThat(pool.outcomes()).containsExactly(Outcome.GATEWAY_ERROR);
        }
        assertThat(pool.outcomes()).containsExactly(Outcome.GATEWAY_ERROR);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void grpcTrailers_bodyNotReadToItsEnd_leaveItToTheHead(Wire wire) throws IOException {
        use(wire);
        // More than OkHttp reads at a close, to save the connection.
        backend.answer(
                grpcOf(1 << 20, "14").throttleBody(1 << 14, 1, TimeUnit.SECONDS).build());
        try (Response response =
                client(OutcomeClassifier.standard()).newCall(request()).execute()) {
            response.body().source().readByte();
            assertThat(pool.completions()).isEmpty();
        }
        await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS));
    }

    @Test
    void bodyReadBelowUs_withTrailers_isClassifiedByThem() throws IOException {
        backend.answer(grpc("13"));
        OkHttpClient buffering = LoadBalancing.attach(
                new OkHttpClient.Builder()
                        .addNetworkInterceptor(chain -> {
                            Response response = chain.proceed(chain.request());
                            response.body().source().request(Long.MAX_VALUE);
                            return response;
                        })
                        .build(),
                pool);
        assertThat(Calls.body(buffering, request())).hasSize(100_000);
        assertThat(pool.outcomes()).containsExactly(Outcome.SERVER_ERROR);
    }

    @Test
    void endings_comeWithAllThatIsKnown() throws IOException {
        List<Ending> endings = new CopyOnWriteArrayList<>();
        backend.answer(grpc("8"));
        call(ending -> {
            endings.add(ending);
            return ending.standard();
        });
        assertThat(endings).hasSize(2).allSatisfy(ending -> {
            assertThat(ending.request().url()).hasToString("http://users/x");
            assertThat(ending.response().code()).isEqualTo(200);
            assertThat(ending.failure()).isNull();
        });
        assertThat(endings.get(0).trailers().size()).isZero();
        assertThat(endings.get(0).standard()).isEqualTo(Outcome.SUCCESS);
        assertThat(endings.get(1).trailers().get("grpc-status")).isEqualTo("8");
        assertThat(endings.get(1).standard()).isEqualTo(Outcome.THROTTLED);
        assertThat(pool.outcomes()).containsExactly(Outcome.THROTTLED);
    }

    @Test
    void brokenExchange_countsAsTheUserSays() {
        backend.answer(new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket())
                .build());
        List<Ending> endings = new CopyOnWriteArrayList<>();
        OutcomeClassifier forgiving = ending -> {
            endings.add(ending);
            return ending.failure() == null ? ending.standard() : Outcome.DISCARDED;
        };
        assertThatThrownBy(() -> call(forgiving)).isInstanceOf(IOException.class);
        assertThat(pool.outcomes()).isNotEmpty().containsOnly(Outcome.DISCARDED);
        assertThat(endings).allMatch(ending -> ending.response() == null && ending.standard() == Outcome.FAILED);
    }

    @Test
    void unreachableBackend_isKnownAsNeverSent() throws IOException {
        List<Outcome> standards = new CopyOnWriteArrayList<>();
        try (RefusingPort port = RefusingPort.open("r");
                RecordingPool refusing = RecordingPool.of(List.of(port.backend()))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(refusing)
                    .outcomes(ending -> {
                        standards.add(ending.standard());
                        return ending.standard();
                    })
                    .attach(new OkHttpClient());
            assertThatThrownBy(() -> Calls.body(client, REQUEST)).isInstanceOf(IOException.class);
            assertThat(standards).containsExactly(Outcome.NEVER_SENT);
            assertThat(refusing.outcomes()).containsExactly(Outcome.NEVER_SENT);
        }
    }

    @Test
    void cancelledCall_isNotAskedAbout() throws IOException {
        backend.answer(backend.named().body("x".repeat(1 << 20)).build());
        List<Ending> endings = new CopyOnWriteArrayList<>();
        var call = client(ending -> {
                    endings.add(ending);
                    return ending.standard();
                })
                .newCall(request());
        try (Response response = call.execute()) {
            call.cancel();
            assertThatThrownBy(() -> response.body().string()).isInstanceOf(IOException.class);
        }
        assertThat(pool.outcomes()).containsExactly(Outcome.CANCELLED);
        assertThat(endings).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void classifierThatThrows_costsNeitherTheCallNorItsAccounting(Wire wire) throws IOException {
        use(wire);
        backend.answer(grpc("14"));
        List<String> logged = new CopyOnWriteArrayList<>();
        Logger log = Logger.getLogger("dev.evenkeel.lb");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        OkHttpClient client = client(ending -> {
            throw new IllegalStateException("no idea");
        });
        log.addHandler(handler);
        try {
            assertThat(Calls.body(client, request())).hasSize(100_000);
            assertThat(Calls.body(client, request())).hasSize(100_000);
        } finally {
            log.removeHandler(handler);
        }
        assertThat(logged).containsOnlyOnce("the outcome classifier failed (said once); the standard outcome counts");
        assertThat(pool.outcomes()).containsExactly(Outcome.GATEWAY_ERROR, Outcome.GATEWAY_ERROR);
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void classifierThatReturnsNull_leavesItToTheStandard() throws IOException {
        backend.answer(backend.named().code(500).build());
        call(ending -> null);
        assertThat(pool.outcomes()).containsExactly(Outcome.SERVER_ERROR);
    }

    @Test
    void retries_goByTheStatusAlone() throws IOException {
        backend.answer(backend.named().code(503).build());
        try (TestBackend other = TestBackend.start("b");
                RecordingPool both = RecordingPool.of(backend, other)) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(both)
                    .outcomes(OutcomeClassifier.standard().countingStatus(500, 599, Outcome.SUCCESS))
                    .attach(new OkHttpClient());
            assertThat(Calls.body(client, REQUEST)).isEqualTo("b");
            assertThat(both.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @CsvSource({"99, 200", "200, 1000", "300, 200"})
    void statusesThatAreNone_areRefused(int from, int to) {
        assertThatThrownBy(() -> OutcomeClassifier.standard().countingStatus(from, to, Outcome.SUCCESS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("statuses must be a range within 100..999: " + from + ".." + to);
    }

    @Test
    void classifierThatIsNull_isRefused() {
        assertThatThrownBy(() -> LoadBalancing.builder().outcomes(null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("outcomes must not be null");
    }
}
