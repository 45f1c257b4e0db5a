package dev.evenkeel.lb.okhttp.retry;

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
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy.Cause;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
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

/** What can be set of retries. Their defaults are FailoverTest's. */
class RetryPolicyTest {
    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));
    private static final Duration LONG = Duration.ofMinutes(1);

    private final List<AutoCloseable> open = new ArrayList<>();
    private RecordingPool pool;
    private OkHttpClient client;
    private Wire wire = Wire.H1;

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.dispatcher().cancelAll();
            client.connectionPool().evictAll();
        }
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private TestBackend start(String name) {
        return opened(TestBackend.start(name, wire));
    }

    private void attach(RetryPolicy.Builder policy, Backend... members) {
        pool = opened(RecordingPool.of(List.of(members)));
        client = LoadBalancing.builder()
                .pools(pool)
                .retries(policy.build())
                .attach(TestBackend.client(wire).build());
    }

    private Request.Builder request() {
        return new Request.Builder().url(wire.scheme() + "://users/x");
    }

    private String call(Request.Builder request) throws IOException {
        try (Response response = client.newCall(request.build()).execute()) {
            return response.code() + " " + response.body().string();
        }
    }

    private TestBackend hanging(String name) {
        TestBackend slow = start(name);
        slow.answer(slow.named().headersDelay(1, TimeUnit.MINUTES).build());
        return slow;
    }

    private TestBackend answering(String name, int status) {
        TestBackend backend = start(name);
        backend.answer(backend.named().code(status).build());
        return backend;
    }

    // Attempt timeout.

    @ParameterizedTest
    @EnumSource(Wire.class)
    void attemptThatTakesTooLong_goesElsewhere_thoughTheReadTimeoutIsLong(Wire wire) throws IOException {
        this.wire = wire;
        attach(
                RetryPolicy.builder().attemptTimeout(Duration.ofSeconds(1)),
                hanging("slow").backend(),
                start("up").backend());
        client = client.newBuilder().readTimeout(LONG).build();
        assertThat(call(request())).isEqualTo("200 up");
        assertThat(pool.outcomes()).containsExactly(Outcome.TIMED_OUT, Outcome.SUCCESS);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void attemptThatTakesTooLong_ofAPost_failsAndIsNotSentAgain(Wire wire) {
        this.wire = wire;
        TestBackend up = start("up");
        attach(
                RetryPolicy.builder().attemptTimeout(Duration.ofSeconds(1)),
                hanging("slow").backend(),
                up.backend());
        assertThatThrownBy(() -> call(request().post(BODY)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("pool \"users\" failed after 1 attempt");
        assertThat(up.requests()).isEmpty();
    }

    @Test
    void headersThatDribble_areNoAnswer() throws Exception {
        RawServer loris = opened(RawServer.start((head, out) -> {
            try {
                for (byte b : "HTTP/1.1 200 -\r\nContent-Length: 5000".getBytes(StandardCharsets.US_ASCII)) {
                    out.write(b);
                    TimeUnit.MILLISECONDS.sleep(50); // The server's slowness, not the test's.
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }));
        attach(
                RetryPolicy.builder().attemptTimeout(Duration.ofMillis(200)),
                Backend.builder(loris.uri()).id("loris").build(),
                start("up").backend());
        assertThat(call(request())).isEqualTo("200 up");
        assertThat(pool.outcomes()).containsExactly(Outcome.TIMED_OUT, Outcome.SUCCESS);
    }

    @Test
    void headersThatDribble_everywhere_areATimeoutForTheCaller() throws Exception {
        RawServer loris = opened(RawServer.start((head, out) -> {
            try {
                for (int i = 0; i < 100; i++) {
                    out.write('H');
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }));
        attach(
                RetryPolicy.builder().attemptTimeout(Duration.ofMillis(200)).maxAttempts(1),
                Backend.builder(loris.uri()).id("loris").build());
        assertThatThrownBy(() -> call(request()))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("pool \"users\" failed after 1 attempt: loris");
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void bodyThatTakesLongerThanTheAttemptTimeout_isRead(Wire wire) throws IOException {
        this.wire = wire;
        TestBackend slow = start("slow");
        slow.answer(slow.named().bodyDelay(500, TimeUnit.MILLISECONDS).build());
        attach(RetryPolicy.builder().attemptTimeout(Duration.ofSeconds(1)), slow.backend());
        assertThat(call(request())).isEqualTo("200 slow");
        // And the next one on the same connection waits for its answer as short as the first.
        slow.answer(slow.named().headersDelay(1, TimeUnit.MINUTES).build());
        assertThatThrownBy(() -> call(request())).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void bodyThatHangs_failsByTheReadTimeoutOfTheClient(Wire wire) {
        this.wire = wire;
        TestBackend slow = start("slow");
        slow.answer(slow.named().bodyDelay(1, TimeUnit.MINUTES).build());
        attach(RetryPolicy.builder().attemptTimeout(LONG), slow.backend());
        client = client.newBuilder().readTimeout(Duration.ofMillis(200)).build();
        assertThatThrownBy(() -> call(request())).isInstanceOf(SocketTimeoutException.class);
    }

    // What is tried again.

    @Test
    void causes_thatAreNotListed_areFinal() throws IOException {
        TestBackend up = start("up");
        attach(
                RetryPolicy.builder().on(Cause.NEVER_SENT, Cause.STATUS),
                hanging("slow").backend(),
                up.backend());
        client = client.newBuilder().readTimeout(Duration.ofMillis(150)).build();
        assertThatThrownBy(() -> call(request())).isInstanceOf(SocketTimeoutException.class);
        assertThat(up.requests()).isEmpty();
    }

    /** As in nginx' proxy_next_upstream_tries.t and Traefik's failover_test.go: each status that is listed, each server once. */
    @Test
    void statuses_thatAreListed_areTriedElsewhere() throws IOException {
        attach(
                RetryPolicy.builder().statuses(404, 500).maxAttempts(100),
                answering("a", 404).backend(),
                answering("b", 500).backend(),
                answering("c", 404).backend());
        assertThat(call(request())).isEqualTo("404 c");
        assertThat(pool.backends()).containsExactly("a", "b", "c");
        assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SERVER_ERROR, Outcome.SUCCESS);
    }

    @Test
    void statuses_thatAreNotListed_areHandedOut() throws IOException {
        attach(
                RetryPolicy.builder().statuses(500),
                answering("a", 503).backend(),
                start("up").backend());
        assertThat(call(request())).isEqualTo("503 a");
    }

    @Test
    void methods_thatAreNotListed_areNotSentAgain() throws IOException {
        attach(
                RetryPolicy.builder().idempotentMethods("get"),
                answering("a", 503).backend(),
                start("up").backend());
        assertThat(call(request().delete())).isEqualTo("503 a");
        assertThat(call(request())).isEqualTo("200 up");
    }

    /** nginx-tests, proxy_non_idempotent.t: a POST goes elsewhere if its author says so. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void predicate_canAllowAPost(boolean allowed) throws IOException {
        TestBackend dying = start("dying");
        dying.answer(
                dying.named().onResponseStart(new SocketEffect.CloseSocket()).build());
        TestBackend up = start("up");
        attach(
                RetryPolicy.builder()
                        .when(failure -> allowed ? RetryPredicate.Verdict.RETRY : RetryPredicate.Verdict.UNDECIDED),
                dying.backend(),
                up.backend());
        if (allowed) {
            assertThat(call(request().post(BODY))).isEqualTo("200 up");
        } else {
            assertThatThrownBy(() -> call(request().post(BODY))).isInstanceOf(IOException.class);
        }
        assertThat(dying.requests()).hasSize(1);
        assertThat(up.requests()).hasSize(allowed ? 1 : 0);
    }

    @Test
    void predicate_canForbid_andSeesWhatHappened() throws IOException {
        List<RetryPredicate.Failure> seen = new ArrayList<>();
        attach(
                RetryPolicy.builder().when(failure -> {
                    seen.add(failure);
                    return RetryPredicate.Verdict.STOP;
                }),
                answering("a", 503).backend(),
                start("up").backend());
        assertThat(call(request())).isEqualTo("503 a");
        assertThat(seen).singleElement().satisfies(failure -> {
            assertThat(failure.backend().id()).isEqualTo("a");
            assertThat(failure.attempt()).isEqualTo(1);
            assertThat(failure.sent()).isTrue();
            assertThat(failure.response()).isNotNull();
            assertThat(failure.exception()).isNull();
        });
    }

    @Test
    void predicate_thatThrows_endsTheCallAndLeaksNothing() throws IOException {
        attach(
                RetryPolicy.builder().when(failure -> {
                    throw new IllegalStateException("mine");
                }),
                answering("a", 503).backend(),
                start("up").backend());
        assertThatThrownBy(() -> call(request()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("mine");
        assertThat(pool.inFlight()).isZero();
        assertThat(client.connectionPool().connectionCount())
                .isEqualTo(client.connectionPool().idleConnectionCount());
    }

    // Further rounds.

    @Test
    void backoff_startsAnotherRound_onceEveryBackendWasTried() throws IOException {
        AtomicInteger answers = new AtomicInteger();
        RawServer flaky = opened(RawServer.start((head, out) -> {
            if (answers.incrementAndGet() < 3) {
                throw new IOException("drop");
            }
            RawServer.write(out, 200, "flaky");
        }));
        attach(
                RetryPolicy.builder().backoff(Duration.ofMillis(1), Duration.ofMillis(2)),
                Backend.builder(flaky.uri()).id("flaky").build());
        assertThat(call(request())).isEqualTo("200 flaky");
        assertThat(pool.outcomes()).containsExactly(Outcome.FAILED, Outcome.FAILED, Outcome.SUCCESS);
    }

    @Test
    void backoff_isNotWaitedFor_whileThereIsABackendThatWasNotTried() throws IOException {
        RefusingPort down = opened(RefusingPort.open("down"));
        attach(
                RetryPolicy.builder().backoff(Duration.ofHours(1), Duration.ofHours(1)),
                down.backend(),
                start("up").backend());
        assertThat(call(request())).isEqualTo("200 up");
    }

    @Test
    void cancel_endsTheBackoffAtOnce() throws Exception {
        RefusingPort down = opened(RefusingPort.open("down"));
        attach(RetryPolicy.builder().backoff(Duration.ofHours(1), Duration.ofHours(1)), down.backend());
        Call call = client.newCall(request().build());
        CompletableFuture<IOException> failure = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                call.execute().close();
            } catch (IOException e) {
                failure.complete(e);
            }
        });
        caller.start();
        await().until(() -> caller.getState() == Thread.State.TIMED_WAITING
                && pool.completions().size() == 1);
        call.cancel();
        assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessage("Canceled");
        assertThat(pool.inFlight()).isZero();
    }

    @Test
    void callTimeout_endsTheBackoff() throws Exception {
        RefusingPort down = opened(RefusingPort.open("down"));
        attach(RetryPolicy.builder().backoff(Duration.ofHours(1), Duration.ofHours(1)), down.backend());
        client = client.newBuilder().callTimeout(Duration.ofMillis(200)).build();
        assertThatThrownBy(() -> call(request())).isInstanceOf(InterruptedIOException.class);
    }

    @Test
    void interrupt_endsTheBackoff() throws Exception {
        RefusingPort down = opened(RefusingPort.open("down"));
        attach(RetryPolicy.builder().backoff(Duration.ofHours(1), Duration.ofHours(1)), down.backend());
        CountDownLatch ended = new CountDownLatch(1);
        List<Object> seen = new ArrayList<>();
        Thread caller = new Thread(() -> {
            try {
                call(request());
            } catch (IOException e) {
                seen.add(e);
                seen.add(Thread.currentThread().isInterrupted());
            }
            ended.countDown();
        });
        caller.start();
        await().until(() -> caller.getState() == Thread.State.TIMED_WAITING
                && pool.completions().size() == 1);
        caller.interrupt();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(seen.get(0)).isInstanceOf(InterruptedIOException.class);
        assertThat(seen.get(1)).isEqualTo(true);
    }

    @Test
    void retryAfter_isWaitedFor_ifThereIsNoOtherBackend() throws IOException {
        TestBackend busy = start("busy");
        AtomicInteger answers = new AtomicInteger();
        busy.answer(request -> answers.getAndIncrement() == 0
                ? busy.named().code(503).setHeader("Retry-After", "1").build()
                : busy.named().build());
        attach(RetryPolicy.builder().maxRetryAfter(Duration.ofSeconds(2)), busy.backend());
        assertThat(call(request())).isEqualTo("200 busy");
    }

    @Test
    void retryAfter_thatIsTooLong_isHandedOut() throws IOException {
        TestBackend busy = start("busy");
        busy.answer(busy.named().code(503).setHeader("Retry-After", "3").build());
        attach(RetryPolicy.builder().maxRetryAfter(Duration.ofSeconds(2)), busy.backend());
        assertThat(call(request())).isEqualTo("503 busy");
        assertThat(busy.requests()).hasSize(1);
    }

    // Budget.

    @Test
    void budget_thatIsUsedUp_isNamedInTheError() throws IOException {
        RefusingPort one = opened(RefusingPort.open("one"));
        RefusingPort two = opened(RefusingPort.open("two"));
        attach(RetryPolicy.builder().budget(RetryBudgets.percentOfCalls(0, 0)), one.backend(), two.backend());
        IOException e = catchThrowableOfType(IOException.class, () -> call(request()));
        assertThat(e)
                .hasMessageContaining("failed after 1 attempt")
                .hasMessageEndingWith("; the retry budget is used up");
        assertThat(LoadBalancing.trace(e).orElseThrow().attempts()).hasSize(1);
    }

    @Test
    void budget_thatIsUsedUp_handsOutTheResponse() throws IOException {
        attach(
                RetryPolicy.builder().budget(RetryBudgets.percentOfCalls(0, 0)),
                answering("a", 503).backend(),
                start("up").backend());
        assertThat(call(request())).isEqualTo("503 a");
    }

    @Test
    void totalOutage_costsNextToNothingExtra() throws IOException {
        attach(
                RetryPolicy.builder(),
                answering("a", 503).backend(),
                answering("b", 503).backend(),
                answering("c", 503).backend());
        int calls = 2_000;
        for (int i = 0; i < calls; i++) {
            call(request());
        }
        assertThat(pool.acquired()).isLessThanOrEqualTo(calls + 50);
    }

    @Test
    void badNumbers_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryPolicy.builder().maxAttempts(0))
                .withMessage("maxAttempts must be 1..100: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryPolicy.builder().statuses(200))
                .withMessage("statuses must be 400..599: 200");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryPolicy.builder().attemptTimeout(Duration.ZERO))
                .withMessage("attemptTimeout must be PT0.001S..PT1H: PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetryPolicy.builder().backoff(Duration.ofMillis(2), Duration.ofMillis(1)))
                .withMessage("maxInterval must be PT0.002S..PT1H: PT0.001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBalancing.builder().retries(null))
                .withMessage("retries must not be null");
    }
}
