package dev.evenkeel.lb.okhttp.internal.hedging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawServer;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import retrofit2.Retrofit;
import retrofit2.http.GET;

/** A second request when the first takes long. */
class HedgedCallTest {
    private static final HedgePolicy SOON =
            HedgePolicy.builder().delay(Duration.ofMillis(50)).build();
    /** A delay that no answer takes. */
    private static final HedgePolicy LATE =
            HedgePolicy.builder().delay(Duration.ofMinutes(1)).build();

    private final List<TestBackend> backends = new ArrayList<>();
    private final List<RawServer> raw = new ArrayList<>();
    private RecordingPool pool;
    private OkHttpClient client;
    private Call.Factory calls;
    private Wire wire = Wire.H1;

    @AfterEach
    void close() throws IOException {
        if (client != null) {
            client.dispatcher().cancelAll();
            client.dispatcher().executorService().shutdownNow();
            client.connectionPool().evictAll();
        }
        if (pool != null) {
            pool.close();
        }
        backends.forEach(TestBackend::close);
        for (RawServer server : raw) {
            server.close();
        }
    }

    private TestBackend start(String name) {
        TestBackend backend = TestBackend.start(name, wire);
        backends.add(backend);
        return backend;
    }

    private TestBackend slow(String name, long millis) {
        TestBackend backend = start(name);
        backend.answer(
                backend.named().headersDelay(millis, TimeUnit.MILLISECONDS).build());
        return backend;
    }

    private void attach(HedgePolicy policy, TestBackend... members) {
        pool = RecordingPool.of(Arrays.stream(members).map(TestBackend::backend).toList());
        client = LoadBalancing.attach(
                TestBackend.client(wire).readTimeout(Duration.ofSeconds(30)).build(), pool);
        calls = LoadBalancing.hedging(client, policy);
    }

    private Request.Builder request() {
        return new Request.Builder().url(wire.scheme() + "://users/x");
    }

    private static String text(Response response) throws IOException {
        try (response) {
            return response.code() + " " + response.body().string();
        }
    }

    private String call(Request.Builder request) throws IOException {
        return text(calls.newCall(request.build()).execute());
    }

    private CompletableFuture<String> enqueue(Call call) {
        CompletableFuture<String> result = new CompletableFuture<>();
        call.enqueue(new Callback() {
            @Override
            public void onResponse(Call answered, Response response) throws IOException {
                assertThat(answered).isSameAs(call);
                result.complete(text(response));
            }

            @Override
            public void onFailure(Call failed, IOException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void awaitQuiet() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(pool.completions()).hasSize(pool.acquired()));
        assertThat(pool.inFlight()).isZero();
        assertThat(pool.completions()).allMatch(RecordingPool.Completion::first);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void slowFirst_theSecondsAnswerIsHandedOutAndTheFirstIsCancelled(Wire wire) throws IOException {
        this.wire = wire;
        attach(SOON, slow("slow", 60_000), start("up"));
        assertThat(call(request())).isEqualTo("200 up");
        awaitQuiet();
        assertThat(pool.completions())
                .extracting(RecordingPool.Completion::backend, RecordingPool.Completion::outcome)
                .containsExactlyInAnyOrder(
                        org.assertj.core.api.Assertions.tuple("slow", Outcome.CANCELLED),
                        org.assertj.core.api.Assertions.tuple("up", Outcome.SUCCESS));
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void slowFirst_enqueued_isAnsweredByTheSecondToo(Wire wire) throws Exception {
        this.wire = wire;
        attach(SOON, slow("slow", 60_000), start("up"));
        assertThat(enqueue(calls.newCall(request().build())).get(20, TimeUnit.SECONDS))
                .isEqualTo("200 up");
        awaitQuiet();
    }

    @Test
    void fastFirst_isSentOnce() throws IOException {
        attach(LATE, start("a"), start("b"));
        for (int i = 0; i < 20; i++) {
            call(request());
        }
        assertThat(pool.acquired()).isEqualTo(20);
    }

    @Test
    void slowSecond_theFirstsAnswerIsHandedOut() throws IOException {
        attach(SOON, slow("first", 300), slow("second", 60_000));
        assertThat(call(request())).isEqualTo("200 first");
        awaitQuiet();
        assertThat(pool.backends()).containsExactlyInAnyOrder("first", "second");
        assertThat(pool.outcomes()).containsExactlyInAnyOrder(Outcome.SUCCESS, Outcome.CANCELLED);
    }

    @Test
    void noOtherBackend_theFirstIsWaitedFor() throws IOException {
        attach(SOON, slow("only", 300));
        assertThat(call(request())).isEqualTo("200 only");
        awaitQuiet();
        assertThat(pool.acquired()).isEqualTo(1);
    }

    /** Drops each request after some time. */
    private Backend breaking(String id) throws IOException {
        RawServer server = RawServer.start((head, out) -> {
            try {
                TimeUnit.MILLISECONDS.sleep(300); // The server's slowness, not the test's.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("drop");
        });
        raw.add(server);
        return Backend.builder(server.uri()).id(id).build();
    }

    private void attachWithoutRetries(Backend... members) {
        pool = RecordingPool.of(List.of(members));
        client = LoadBalancing.builder()
                .pools(pool)
                .maxAttempts(1)
                .attach(new OkHttpClient.Builder()
                        .retryOnConnectionFailure(false)
                        .build());
        calls = LoadBalancing.hedging(client, SOON);
    }

    @Test
    void firstThatFails_whileTheSecondRuns_isSavedByTheSecond() throws IOException {
        attachWithoutRetries(breaking("breaking"), slow("second", 600).backend());
        assertThat(call(request())).isEqualTo("200 second");
        awaitQuiet();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void secondThatFails_isIgnored(boolean asynchronous) throws Exception {
        TestBackend broken = start("broken");
        broken.answer(broken.named().code(503).build());
        attach(SOON, slow("slow", 400), broken);
        Call call = calls.newCall(request().build());
        assertThat(asynchronous ? enqueue(call).get(20, TimeUnit.SECONDS) : text(call.execute()))
                .isEqualTo("200 slow");
        awaitQuiet();
        assertThat(client.connectionPool().connectionCount())
                .isEqualTo(client.connectionPool().idleConnectionCount());
    }

    @Test
    void bothFail_theFirstsExceptionHasTheSecondsSuppressed() throws IOException {
        attachWithoutRetries(breaking("one"), breaking("two"));
        assertThatThrownBy(() -> call(request()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("one")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .anySatisfy(second -> assertThat(second).hasMessageContaining("two")));
        awaitQuiet();
    }

    @Test
    void post_isAnOrdinaryCall_unlessItHasAnIdempotencyKey() throws IOException {
        TestBackend up = start("up");
        attach(SOON, slow("slow", 300), up);
        RequestBody body = RequestBody.create("b", MediaType.get("text/plain"));
        assertThat(call(request().post(body))).isEqualTo("200 slow");
        assertThat(up.requests()).isEmpty();
        pool.completions().clear();
        call(request()); // It is the other one's turn.
        assertThat(call(request().post(body).header("Idempotency-Key", "1"))).isEqualTo("200 up");
    }

    @Test
    void winnersBody_streams() throws IOException {
        TestBackend streaming = start("streaming");
        streaming.answer(streaming.named().bodyDelay(500, TimeUnit.MILLISECONDS).build());
        attach(SOON, slow("slow", 60_000), streaming);
        try (Response response = calls.newCall(request().build()).execute()) {
            assertThat(pool.completions())
                    .noneMatch(completion -> completion.backend().equals("streaming"));
            assertThat(response.body().string()).isEqualTo("streaming");
        }
        awaitQuiet();
    }

    @Test
    void budget_isKept() throws IOException {
        HedgePolicy policy = HedgePolicy.builder()
                .delay(Duration.ofMillis(1))
                .budget(RetryBudgets.percentOfCalls(10, 0))
                .build();
        attach(policy, slow("a", 20), slow("b", 20));
        for (int i = 0; i < 50; i++) {
            call(request());
        }
        awaitQuiet();
        assertThat(pool.acquired()).isBetween(51, 55);
    }

    @Test
    void multipleOfP95_waitsUntilThePoolHasOne() throws IOException {
        AtomicInteger answers = new AtomicInteger();
        TestBackend a = start("a");
        a.answer(request -> answers.incrementAndGet() <= 20
                ? a.named().build()
                : a.named().headersDelay(1, TimeUnit.MINUTES).build());
        TestBackend b = start("b");
        attach(HedgePolicy.standard(), a, b);
        for (int i = 0; i < 40; i++) {
            call(request());
        }
        assertThat(pool.figures().latencyP95Nanos()).isPositive();
        assertThat(call(request())).isEqualTo("200 b");
        awaitQuiet();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancel_endsBoth(boolean asynchronous) throws Exception {
        attach(SOON, slow("a", 60_000), slow("b", 60_000));
        Call call = calls.newCall(request().build());
        CompletableFuture<String> result = asynchronous
                ? enqueue(call)
                : CompletableFuture.supplyAsync(() -> {
                    try {
                        return text(call.execute());
                    } catch (IOException e) {
                        throw new java.util.concurrent.CompletionException(e);
                    }
                });
        await().until(() -> pool.acquired() == 2);
        call.cancel();
        assertThat(call.isCanceled()).isTrue();
        assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        awaitQuiet();
        assertThat(pool.outcomes()).containsOnly(Outcome.CANCELLED);
    }

    @Test
    void callTimeout_spansBoth() {
        attach(SOON, slow("a", 60_000), slow("b", 60_000));
        client = client.newBuilder().callTimeout(Duration.ofMillis(300)).build();
        calls = LoadBalancing.hedging(client, SOON);
        assertThatThrownBy(() -> call(request()))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessageContaining("timeout");
        awaitQuiet();
    }

    @Test
    void call_canBeExecutedOnce_andCloned() throws IOException {
        attach(LATE, start("a"), start("b"));
        Call call = calls.newCall(request().build());
        text(call.execute());
        assertThat(call.isExecuted()).isTrue();
        assertThatThrownBy(call::execute).isInstanceOf(IllegalStateException.class);
        assertThat(text(call.clone().execute())).isEqualTo("200 b");
        assertThat(call.request().url().host()).isEqualTo("users");
    }

    @Test
    void hostWithoutAPool_isAnOrdinaryCall() throws IOException {
        attach(SOON, start("a"), start("b"));
        TestBackend elsewhere = slow("elsewhere", 200);
        assertThat(call(new Request.Builder().url(elsewhere.uri() + "/x"))).isEqualTo("200 elsewhere");
        assertThat(pool.acquired()).isZero();
        assertThat(elsewhere.requests()).hasSize(1);
    }

    private static List<String> attempts(CallTrace trace) {
        return trace.attempts().stream()
                .map(attempt -> attempt.backend().id() + " " + attempt.outcome() + (attempt.hedge() ? " hedge" : ""))
                .toList();
    }

    @Test
    void trace_hasTheAttemptsOfBothRequests_andMarksThoseOfTheSecond() throws IOException {
        attach(SOON, slow("slow", 60_000), start("up"));
        Call call = calls.newCall(request().build());
        try (Response response = call.execute()) {
            assertThat(response.body().string()).isEqualTo("up");
            await().untilAsserted(() -> {
                assertThat(attempts(LoadBalancing.trace(response).orElseThrow()))
                        .containsExactly("slow CANCELLED", "up SUCCESS hedge");
                assertThat(attempts(LoadBalancing.trace(call).orElseThrow()))
                        .containsExactly("slow CANCELLED", "up SUCCESS hedge");
            });
            assertThat(LoadBalancing.trace(response).orElseThrow().attributes())
                    .containsEntry("evenkeel.attempts", 2L)
                    .containsEntry("evenkeel.backend", "up")
                    .containsEntry("evenkeel.hedge", true)
                    .containsEntry("evenkeel.outcome", "success");
        }
    }

    @Test
    void trace_whereTheFirstWins_hasTheHedgeThatLost() throws IOException {
        attach(SOON, slow("slow", 400), slow("slower", 60_000));
        try (Response response = calls.newCall(request().build()).execute()) {
            assertThat(response.body().string()).isEqualTo("slow");
            await().untilAsserted(() -> assertThat(
                            attempts(LoadBalancing.trace(response).orElseThrow()))
                    .containsExactly("slow SUCCESS", "slower CANCELLED hedge"));
            assertThat(LoadBalancing.trace(response).orElseThrow().attributes())
                    .containsEntry("evenkeel.backend", "slow")
                    .doesNotContainKey("evenkeel.hedge");
        }
    }

    @Test
    void trace_ofTheFailure_hasTheAttemptsOfBothRequests() throws IOException {
        attachWithoutRetries(breaking("one"), breaking("two"));
        IOException e = catchThrowableOfType(IOException.class, () -> call(request()));
        assertThat(attempts(LoadBalancing.trace(e).orElseThrow())).containsExactly("one FAILED", "two FAILED hedge");
        awaitQuiet();
    }

    @Test
    void trace_withoutAHedge_hasNone() throws IOException {
        attach(LATE, start("up"));
        try (Response response = calls.newCall(request().build()).execute()) {
            assertThat(response.body().string()).isEqualTo("up");
            assertThat(attempts(LoadBalancing.trace(response).orElseThrow())).containsExactly("up SUCCESS");
        }
    }

    interface Service {
        @GET("x")
        retrofit2.Call<okhttp3.ResponseBody> x();
    }

    @Test
    void retrofit_takesTheFactory() throws IOException {
        attach(SOON, slow("slow", 60_000), start("up"));
        Service service = new Retrofit.Builder()
                .baseUrl("http://users/")
                .callFactory(calls)
                .build()
                .create(Service.class);
        assertThat(service.x().execute().body().string()).isEqualTo("up");
    }

    @Test
    void badArguments_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBalancing.hedging(new OkHttpClient(), SOON))
                .withMessage("the client must have a pool attached: call LoadBalancing.attach first, and pass what it"
                        + " returns");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HedgePolicy.builder().delay(Duration.ZERO))
                .withMessage("delay must be PT0.001S..PT1H: PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HedgePolicy.builder().multipleOfP95(0.5))
                .withMessage("multipleOfP95 must be 1..100: 0.5");
    }
}
