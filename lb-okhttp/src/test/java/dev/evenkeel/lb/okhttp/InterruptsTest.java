package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A caller is interrupted, wherever it waits: an end of its own, and no evidence against a backend. */
@Timeout(120)
class InterruptsTest {
    /** Ends the wait of a platform thread in a socket, which does not notice an interrupt. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);

    private static final int MANY = 60;

    private enum Threads {
        PLATFORM,
        VIRTUAL;

        Thread start(Runnable task) throws ReflectiveOperationException {
            if (this == VIRTUAL) {
                // Java 17 does not know it.
                return (Thread) Thread.class
                        .getMethod("startVirtualThread", Runnable.class)
                        .invoke(null, task);
            }
            Thread thread = new Thread(task);
            thread.start();
            return thread;
        }
    }

    private enum Wait {
        CONNECTING,
        HEAD,
        BODY,
        QUEUE,
        BACK_OFF
    }

    /** How a call ended for its caller. */
    private record End(Throwable failure, boolean flag) {}

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<TestBackend> backends = new ArrayList<>();
    private final CountDownLatch waiting = new CountDownLatch(1);

    static Stream<Arguments> everyWait() {
        return Stream.of(Wire.H1, Wire.H2_TLS, Wire.H2_PRIOR_KNOWLEDGE)
                .flatMap(wire -> Arrays.stream(Threads.values())
                        .flatMap(threads ->
                                Arrays.stream(Wait.values()).map(wait -> Arguments.of(wire, threads, wait))));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(0, closeable);
        return closeable;
    }

    private TestBackend start(String name, Wire wire) {
        TestBackend backend = opened(TestBackend.start(name, wire));
        backends.add(backend);
        return backend;
    }

    @ParameterizedTest
    @MethodSource("everyWait")
    void interrupt_endsTheCall_asCancelled_withTheFlagSet_andNoRetry(Wire wire, Threads threads, Wait wait)
            throws Exception {
        assumeThat(threads == Threads.PLATFORM || Runtime.version().feature() >= 21)
                .as("the JDK has virtual threads")
                .isTrue();
        LoadBalancer pool = opened(pool(wire, wait));
        OkHttpClient.Builder plain = TestBackend.client(wire).readTimeout(READ_TIMEOUT);
        if (wait == Wait.CONNECTING) {
            plain.socketFactory(new HangingSockets(waiting));
        }
        OkHttpClient client = LoadBalancing.builder()
                .pools(pool)
                .retries(RetryPolicy.builder()
                        .backoff(Duration.ofHours(1), Duration.ofHours(1))
                        .build())
                .attach(plain.build());
        String url = wire.scheme() + "://users/x";
        Response held = wait == Wait.QUEUE ? client.newCall(Calls.get(url)).execute() : null;
        int requestsBefore = requests();
        CompletableFuture<End> end = new CompletableFuture<>();
        Thread caller = threads.start(() -> end.complete(call(client, url)));
        awaitWait(wait, pool, caller);

        caller.interrupt();

        End seen = end.get(60, TimeUnit.SECONDS);
        if (held != null) {
            held.close();
        }
        assertThat(seen.failure).isInstanceOf(wait == Wait.BODY ? IOException.class : InterruptedIOException.class);
        assertThat(seen.flag).isTrue();
        assertThat(requests() - requestsBefore).isEqualTo(wait == Wait.HEAD || wait == Wait.BODY ? 1 : 0);
        await().until(() -> pool.snapshot().inFlight() == 0);
        assertThat(outcomes(pool))
                .isEqualTo(
                        switch (wait) {
                            case CONNECTING, HEAD, BODY -> Map.of(Outcome.CANCELLED, 1L);
                            case QUEUE -> Map.of(Outcome.SUCCESS, 1L);
                            case BACK_OFF -> Map.of(Outcome.NEVER_SENT, 1L);
                        });
    }

    static Stream<Arguments> everyThread() {
        return Stream.of(Wire.H1, Wire.H2_TLS, Wire.H2_PRIOR_KNOWLEDGE)
                .flatMap(wire -> Stream.of(Arguments.of(wire, Threads.PLATFORM), Arguments.of(wire, Threads.VIRTUAL)));
    }

    /** As many as open a breaker, were they failures. */
    @ParameterizedTest
    @MethodSource("everyThread")
    void manyInterrupts_openNoBreaker_andEjectNoBackend(Wire wire, Threads threads) throws Exception {
        assumeThat(threads == Threads.PLATFORM || Runtime.version().feature() >= 21)
                .as("the JDK has virtual threads")
                .isTrue();
        LoadBalancer pool = opened(pool(wire, Wait.HEAD));
        OkHttpClient client = LoadBalancing.attach(
                TestBackend.client(wire)
                        .readTimeout(READ_TIMEOUT.multipliedBy(3))
                        .build(),
                pool);
        List<CompletableFuture<End>> ends = new ArrayList<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            CompletableFuture<End> end = new CompletableFuture<>();
            ends.add(end);
            callers.add(threads.start(() -> end.complete(call(client, wire.scheme() + "://users/x"))));
        }
        await().atMost(Duration.ofSeconds(8)).until(() -> requests() == MANY);

        callers.forEach(Thread::interrupt);

        for (CompletableFuture<End> end : ends) {
            End seen = end.get(60, TimeUnit.SECONDS);
            assertThat(seen.failure).isInstanceOf(InterruptedIOException.class);
            assertThat(seen.flag).isTrue();
        }
        await().until(() -> pool.snapshot().inFlight() == 0);
        assertThat(outcomes(pool)).isEqualTo(Map.of(Outcome.CANCELLED, (long) MANY));
        assertThat(requests()).isEqualTo(MANY);
        assertThat(pool.snapshot().backends()).allSatisfy(backend -> {
            assertThat(backend.breaker()).isEqualTo(BreakerState.CLOSED);
            assertThat(backend.ineligibilities()).isEmpty();
        });
    }

    /** Reads a whole answer. */
    private End call(OkHttpClient client, String url) {
        try (Response response = client.newCall(Calls.get(url)).execute()) {
            waiting.countDown();
            response.body().string();
            return new End(new AssertionError("an answer"), false);
        } catch (Throwable e) {
            return new End(e, Thread.currentThread().isInterrupted());
        }
    }

    private LoadBalancer pool(Wire wire, Wait wait) throws IOException {
        var builder = LoadBalancers.builder("users").strategy(Strategies.roundRobin());
        return switch (wait) {
            case BACK_OFF -> builder.backend(refusing(wire)).build();
            case QUEUE ->
                builder.backend(start("a", wire).backend())
                        .limits(LimitPolicy.maxInFlight(1).withQueue(10, Duration.ofMinutes(5)))
                        .build();
            case CONNECTING, HEAD, BODY ->
                builder.backends(List.of(slow("a", wire, wait), slow("b", wire, wait)))
                        .build();
        };
    }

    private Backend refusing(Wire wire) throws IOException {
        String uri = opened(RefusingPort.open("a")).uri();
        return Backend.builder(uri.replace("http:", wire.scheme() + ":"))
                .id("a")
                .build();
    }

    private Backend slow(String name, Wire wire, Wait wait) {
        TestBackend backend = start(name, wire);
        MockResponse.Builder response = backend.named();
        if (wait == Wait.HEAD) {
            response.headersDelay(10, TimeUnit.MINUTES);
        } else {
            response.body("x".repeat(2_000_000)).onResponseBody(SocketEffect.Stall.INSTANCE);
        }
        backend.answer(response.build());
        return backend.backend();
    }

    private int requests() {
        return backends.stream().mapToInt(backend -> backend.requests().size()).sum();
    }

    private void awaitWait(Wait wait, LoadBalancer pool, Thread caller) throws InterruptedException {
        switch (wait) {
            case CONNECTING, BODY ->
                assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
            case HEAD -> await().until(() -> requests() == 1);
            case QUEUE ->
                await().until(() -> pool.acquire(RequestContext.NONE) instanceof Unavailable full
                        && full.occupancy() != null
                        && full.occupancy().queued() == 1);
            case BACK_OFF ->
                await().until(() -> caller.getState() == Thread.State.TIMED_WAITING
                        && !outcomes(pool).isEmpty());
        }
    }

    private static Map<Outcome, Long> outcomes(LoadBalancer pool) {
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        for (BackendStatus backend : pool.snapshot().backends()) {
            for (Outcome outcome : Outcome.values()) {
                if (backend.count(outcome) > 0) {
                    outcomes.merge(outcome, backend.count(outcome), Long::sum);
                }
            }
        }
        return outcomes;
    }

    /** Sockets that never get connected. */
    private static final class HangingSockets extends UnconnectedSocketFactory {
        private final CountDownLatch connecting;

        HangingSockets(CountDownLatch connecting) {
            this.connecting = connecting;
        }

        @Override
        public Socket createSocket() {
            CountDownLatch closed = new CountDownLatch(1);
            return new Socket() {
                @Override
                public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
                    connecting.countDown();
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new IOException("closed while connecting");
                }

                @Override
                public void close() {
                    closed.countDown();
                }
            };
        }
    }
}
