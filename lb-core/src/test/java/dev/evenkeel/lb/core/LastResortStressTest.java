package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.spi.EjectionPolicy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads whose calls fail, hang, are cancelled and succeed at two backends that are ejected, tried, rest and ramp up all the
 * time, while an operator takes one of them out and puts it back: the other one always takes the call.
 */
@Timeout(120)
class LastResortStressTest {
    private static final int CALLERS = 6;
    private static final int CALLS = 15_000;
    private static final String A = "a:80";
    private static final String B = "b:80";

    private final Queue<String> turnedAway = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void lastBackend_underTrialsRestsAndRamps_turnsNoCallAway_andNothingIsWedged(long seed) throws Exception {
        LoadBalancer pool = LoadBalancers.builder("users")
                .backends("http://a", "http://b")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.builder()
                        .windowSize(20)
                        .minCalls(6)
                        .openDuration(Duration.ofMillis(2))
                        .maxOpenDuration(Duration.ofMillis(8))
                        .halfOpenTimeout(Duration.ofMillis(20))
                        .build())
                .outlierDetection(XdsOutlierDetector.builder()
                        .errorsInARow(3)
                        .ejection(EjectionPolicy.builder()
                                .baseDuration(Duration.ofMillis(2))
                                .maxDuration(Duration.ofMillis(8))
                                .maxEjectionPercent(100)
                                .build())
                        .build())
                .slowStart(SlowStart.of(Duration.ofSeconds(1)))
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS + 1);
        try {
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed * 100 + i);
                callers.add(threads.submit(() -> call(pool, random)));
            }
            Future<?> operator = threads.submit(() -> operate(pool, new Random(seed)));
            for (Future<?> caller : callers) {
                caller.get(100, TimeUnit.SECONDS);
            }
            over.set(true);
            operator.get(10, TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
        assertThat(turnedAway).isEmpty();
        assertThat(pool.snapshot().inFlight()).isZero();
        recover(pool);
        pool.close();
    }

    private void call(LoadBalancer pool, Random random) {
        Deque<Lease> held = new ArrayDeque<>();
        for (int i = 0; i < CALLS; i++) {
            PickResult result = pool.acquire(RequestContext.NONE);
            if (result instanceof Unavailable unavailable) {
                turnedAway.add(unavailable.message());
            } else if (result instanceof Lease lease) {
                held.add(lease);
            }
            boolean badTimes = i / 500 % 2 == 0;
            while (held.size() > random.nextInt(4)) {
                end(held.remove(), random, badTimes);
            }
        }
        held.forEach(lease -> lease.complete(Outcome.SUCCESS));
    }

    private static void end(Lease lease, Random random, boolean badTimes) {
        int kind = random.nextInt(20);
        if (kind == 0) {
            lease.restFor(Duration.ofMillis(3));
            lease.complete(Outcome.THROTTLED);
        } else if (kind < 3) {
            lease.complete(Outcome.CANCELLED);
        } else if (kind < 4) {
            lease.responded();
            lease.complete(Outcome.DISCARDED);
        } else {
            lease.complete(badTimes && kind < 16 ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
        }
    }

    private void operate(LoadBalancer pool, Random random) {
        while (!over.get()) {
            String one = random.nextBoolean() ? A : B;
            if (random.nextBoolean()) {
                pool.registry().maintenance(one);
            } else {
                var unused = pool.registry().drain(one);
            }
            Thread.yield();
            pool.registry().activate(one);
        }
    }

    /** With calls that succeed, each backend is as good as new in a while. */
    private static void recover(LoadBalancer pool) {
        for (String other : List.of(A, B)) {
            pool.registry().maintenance(other);
            await().until(() -> {
                // As many as a trial wants before its time is up.
                for (int i = 0; i < 10; i++) {
                    ((Lease) pool.acquire(RequestContext.NONE)).complete(Outcome.SUCCESS);
                }
                BackendStatus used = pool.snapshot().backend(other.equals(A) ? B : A);
                return used.breaker() == BreakerState.CLOSED
                        && used.ejectedFor() == null
                        && used.ineligibilities().isEmpty();
            });
            pool.registry().activate(other);
        }
        await().until(() -> {
            Lease first = (Lease) pool.acquire(RequestContext.NONE);
            Lease second = (Lease) pool.acquire(RequestContext.NONE);
            boolean shared = !first.backend().equals(second.backend());
            first.complete(Outcome.SUCCESS);
            second.complete(Outcome.SUCCESS);
            return shared;
        });
    }
}
