package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFullException;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RefusingPort;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls to a pool that is full: they wait for room, and nothing that ends a call is kept waiting. */
@Timeout(60)
class CallWaitTest {
    private static final LimitPolicy ONE_AND_A_QUEUE =
            LimitPolicy.maxInFlight(1).withQueue(10, Duration.ofMinutes(5));

    private final TestBackend a = TestBackend.start("a");
    private final TestBackend b = TestBackend.start("b");
    private LoadBalancer pool = pool(ONE_AND_A_QUEUE);
    private OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

    private LoadBalancerBuilder builder() {
        return LoadBalancers.builder("users")
                .backends(List.of(a.backend(), b.backend()))
                .strategy(Strategies.roundRobin())
                .random(() -> 0);
    }

    private LoadBalancer pool(LimitPolicy limits) {
        return builder().limits(limits).build();
    }

    private void use(LoadBalancer other) {
        pool.close();
        pool = other;
        client = LoadBalancing.attach(new OkHttpClient(), pool);
    }

    @AfterEach
    void close() {
        pool.close();
        a.close();
        b.close();
    }

    private Response hold() throws IOException {
        return client.newCall(Calls.get("http://users/held")).execute();
    }

    private void awaitQueued(int number) {
        await().until(() -> queued() == number);
    }

    private int queued() {
        return pool.acquire(RequestContext.NONE) instanceof Unavailable full && full.occupancy() != null
                ? full.occupancy().queued()
                : 0;
    }

    @Test
    void callThatFindsThePoolFull_waits_untilAnotherEnds() throws Exception {
        CompletableFuture<String> waiting;
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            waiting = Calls.enqueue(client.newCall(Calls.get("http://users/x")));
            awaitQueued(1);
            assertThat(waiting).isNotDone();
        }
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isIn("a", "b");
        await().until(() -> pool.snapshot().inFlight() == 0);
    }

    @Test
    void backendsOwnLimits_areWaitedFor() throws Exception {
        Backend small = Backend.builder(a.uri()).id("a").maxInFlight(1).build();
        use(LoadBalancers.builder("users")
                .backend(small)
                .limits(LimitPolicy.none().withQueue(5, Duration.ofMinutes(5)))
                .build());
        CompletableFuture<String> waiting;
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            waiting = Calls.enqueue(client.newCall(Calls.get("http://users/x")));
            awaitQueued(1);
        }
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("a");
    }

    @Test
    void cancelledCall_leavesTheQueueAtOnce() throws Exception {
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            Call call = client.newCall(Calls.get("http://users/x"));
            CompletableFuture<String> waiting = Calls.enqueue(call);
            awaitQueued(1);

            call.cancel();

            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasMessageContaining("Canceled");
            awaitQueued(0);
        }
        assertThat(a.requests().size() + b.requests().size()).isEqualTo(1);
        assertThat(Calls.body(client, "http://users/x")).isNotEmpty();
        await().until(() -> pool.snapshot().inFlight() == 0);
    }

    @Test
    void callTimeout_endsTheWait() throws Exception {
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            OkHttpClient hasty =
                    client.newBuilder().callTimeout(Duration.ofMillis(100)).build();
            assertThatThrownBy(() -> Calls.body(hasty, "http://users/x"))
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("timeout");
            awaitQueued(0);
        }
    }

    @Test
    void interrupt_endsTheWait_andIsKept() throws Exception {
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    interrupted.completeExceptionally(new AssertionError(Calls.body(client, "http://users/x")));
                } catch (InterruptedIOException e) {
                    interrupted.complete(Thread.currentThread().isInterrupted());
                } catch (IOException e) {
                    interrupted.completeExceptionally(e);
                }
            });
            caller.start();
            awaitQueued(1);
            caller.interrupt();
            assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
            awaitQueued(0);
        }
        await().until(() -> pool.snapshot().inFlight() == 0);
    }

    @Test
    void waitThatLastsTooLong_isATypedIoException_withTheNumbers() throws Exception {
        use(pool(LimitPolicy.maxInFlight(1).withQueue(10, Duration.ofMillis(50))));
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOfSatisfying(PoolFullException.class, e -> {
                        assertThat(e.occupancy().limit()).isEqualTo(1);
                        assertThat(e.occupancy().inFlight()).isEqualTo(1);
                        assertThat(e.occupancy().queueSize()).isEqualTo(10);
                        assertThat(e.occupancy().waited()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
                        assertThat(LoadBalancing.trace(e).orElseThrow().attempts())
                                .isEmpty();
                    })
                    .hasMessageStartingWith("pool \"users\" has no backend available: 2 backends; the pool is full;"
                            + " 1 of 1 calls in flight, 0 of 10 queued, waited PT");
        }
    }

    @Test
    void closedPool_tellsWhoWaits() throws Exception {
        try (Response held = hold()) {
            assertThat(held.code()).isEqualTo(200);
            CompletableFuture<String> waiting = Calls.enqueue(client.newCall(Calls.get("http://users/x")));
            awaitQueued(1);
            pool.close();
            assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                    .hasMessageContaining("pool \"users\" has no backend available: 2 backends; the pool is closed");
        }
    }

    /** The pool has room for one call, and a call that is tried elsewhere is still one call. */
    @ParameterizedTest
    @EnumSource(Wire.class)
    void failover_needsNoSecondPlace(Wire wire) throws Exception {
        try (TestBackend bad = TestBackend.start("bad", wire);
                TestBackend good = TestBackend.start("good", wire);
                LoadBalancer one = LoadBalancers.builder("users")
                        .backends(List.of(bad.backend(), good.backend()))
                        .strategy(Strategies.roundRobin())
                        .random(() -> 0)
                        .limits(LimitPolicy.maxInFlight(1))
                        .build()) {
            bad.answer(bad.named().code(503).build());
            OkHttpClient calls = LoadBalancing.attach(TestBackend.client(wire).build(), one);
            for (int i = 0; i < 6; i++) {
                assertThat(Calls.body(calls, wire.scheme() + "://users/x")).isEqualTo("good");
            }
            assertThat(bad.requests()).isNotEmpty();
            await().until(() -> one.snapshot().inFlight() == 0);
        }
    }

    @Test
    void callThatWasRefused_waitsForTheOtherBackend_beforeNewCalls() throws Exception {
        try (RefusingPort refusing = RefusingPort.open("refusing")) {
            Backend small = Backend.builder(a.uri()).id("a").maxInFlight(1).build();
            use(LoadBalancers.builder("users")
                    .backends(List.of(small, refusing.backend()))
                    .strategy(Strategies.roundRobin())
                    .random(() -> 0)
                    .limits(LimitPolicy.none().withQueue(5, Duration.ofMinutes(5)))
                    .build());
            CompletableFuture<String> waiting;
            try (Response held = hold()) {
                assertThat(held.code()).isEqualTo(200);
                waiting = Calls.enqueue(client.newCall(Calls.get("http://users/x")));
                await().until(() -> pool.snapshot().backend("refusing").count(Outcome.NEVER_SENT) == 1);
            }
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("a");
        }
    }

    @Test
    void poolOfThree_neverHasMoreOnTheWire_andAllGetThrough() throws Exception {
        use(pool(LimitPolicy.maxInFlight(3).withQueue(200, Duration.ofMinutes(5))));
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (TestBackend backend : List.of(a, b)) {
            backend.answer(request -> {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                Thread.yield();
                atOnce.decrementAndGet();
                return new MockResponse.Builder().body("served").build();
            });
        }
        Calls.inParallel(
                20, 20, () -> assertThat(Calls.body(client, "http://users/x")).isEqualTo("served"));

        assertThat(most.get()).isBetween(1, 3);
        assertThat(a.requests().size() + b.requests().size()).isEqualTo(400);
        await().until(() -> pool.snapshot().inFlight() == 0);
    }

    /** If waiting pinned them, as many as there are carriers would wait, and nobody would be left to make room. */
    @Test
    void thousandsOfVirtualThreads_wait_withoutHoldingOnToCarriers() throws Exception {
        assumeThat(Runtime.version().feature())
                .as("the JDK's version; virtual threads need 21")
                .isGreaterThanOrEqualTo(21);
        int calls = 2_000;
        use(pool(LimitPolicy.maxInFlight(4).withQueue(calls, Duration.ofMinutes(5))));
        ExecutorService threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        try {
            List<Future<String>> answers = new ArrayList<>();
            List<Response> held = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                held.add(hold());
            }
            for (int i = 0; i < calls; i++) {
                answers.add(threads.submit(() -> Calls.body(client, "http://users/x")));
            }
            awaitQueued(calls);
            Future<String> carrierLeft = threads.submit(() -> "there is a carrier left");
            assertThat(carrierLeft.get(30, TimeUnit.SECONDS)).isNotEmpty();
            held.forEach(Response::close);
            for (Future<String> answer : answers) {
                assertThat(answer.get(50, TimeUnit.SECONDS)).isIn("a", "b");
            }
            await().until(() -> pool.snapshot().inFlight() == 0);
        } finally {
            threads.shutdownNow();
        }
    }
}
