package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions against an operator who drains, undrains, removes and pulls the plug. */
@Timeout(120)
class SessionStressTest {
    private static final int CALLERS = 4;

    /** Whatever comes in between: a drain that ran empty is followed by no call, not even by one of a bound session. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 1"})
    void drain_onceComplete_isNeverFollowedByASession(long seed, long idleMillis) throws Exception {
        LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.roundRobin())
                .backends("http://h0:1", "http://h1:1")
                .sessionIdleTimeout(Duration.ofMillis(idleMillis))
                .build();
        LongAdder onDrained = new LongAdder();
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed * 100 + i);
                running.add(threads.submit(() -> callUntil(stop, pool, random, onDrained)));
            }
            for (int round = 0; round < 300; round++) {
                DrainReport report = pool.registry()
                        .drain("h0:1", Duration.ofMillis(1 + round % 7))
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS);
                // Those that have ended: who comes too late counts itself in for a moment, and out again.
                long ended = pool.snapshot().backend("h0:1").count(Outcome.SUCCESS);
                for (int i = 0; i < 20; i++) {
                    Thread.yield();
                    long now = pool.snapshot().backend("h0:1").count(Outcome.SUCCESS);
                    if (report.isComplete()) {
                        assertThat(now).isEqualTo(ended);
                    }
                }
                pool.registry().activate("h0:1");
            }
            stop.set(true);
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
        assertThat(onDrained.sum()).isPositive();
        assertThat(pool.snapshot().inFlight()).isZero();
        pool.close();
    }

    private static void callUntil(AtomicBoolean stop, LoadBalancer pool, Random random, LongAdder onDrained) {
        RequestContext bound = RequestContext.NONE.withBoundBackend("h0:1");
        while (!stop.get()) {
            if (pool.acquire(random.nextInt(4) == 0 ? RequestContext.NONE : bound) instanceof Lease lease) {
                if (lease.backend().id().equals("h0:1")) {
                    onDrained.increment();
                }
                if (random.nextBoolean()) {
                    lease.responded();
                }
                lease.complete(Outcome.SUCCESS);
            }
            if (random.nextInt(8) == 0) {
                Thread.yield();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sessionsUnderEveryChange_leaveNothingInFlight(long seed) throws Exception {
        LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.leastConnections())
                .backends(backends())
                .sessionIdleTimeout(Duration.ofMillis(2))
                .build();
        LongAdder granted = new LongAdder();
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < CALLERS - 1; i++) {
                Random random = new Random(seed * 100 + i);
                tasks.add(() -> holdSessions(stop, pool, random, granted));
            }
            tasks.add(() -> {
                administer(pool, new Random(seed));
                stop.set(true);
                return null;
            });
            for (Future<Void> task : threads.invokeAll(tasks, 100, TimeUnit.SECONDS)) {
                task.get();
            }
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
        pool.registry().replaceAll(backends());
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(pool.snapshot().backends().stream()
                        .mapToLong(backend -> backend.requests())
                        .sum())
                .isEqualTo(granted.sum());
        pool.close();
    }

    /** Each session stays where it was last, and moves with the backend that it gets. */
    private static Void holdSessions(AtomicBoolean stop, LoadBalancer pool, Random random, LongAdder granted) {
        String[] sessions = new String[8];
        while (!stop.get()) {
            int session = random.nextInt(sessions.length);
            if (pool.acquire(RequestContext.NONE.withBoundBackend(sessions[session])) instanceof Lease lease) {
                granted.increment();
                sessions[session] = lease.backend().id();
                lease.bind();
                assertThat(lease.complete(random.nextInt(20) == 0 ? Outcome.FAILED : Outcome.SUCCESS))
                        .isTrue();
                assertThat(lease.complete(Outcome.SUCCESS)).isFalse();
            }
        }
        return null;
    }

    private static void administer(LoadBalancer pool, Random random) {
        for (int i = 0; i < 2_000; i++) {
            String id = "h" + random.nextInt(6) + ":1";
            try {
                switch (random.nextInt(6)) {
                    case 0, 1 -> pool.registry().drain(id, Duration.ofMillis(1 + random.nextInt(20)));
                    case 2 -> pool.registry().activate(id);
                    case 3 -> pool.registry().remove(id);
                    case 4 -> pool.registry().add(Backend.of("http://" + id));
                    default -> pool.registry().maintenance(id);
                }
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining(id);
            }
        }
    }

    private static List<Backend> backends() {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            backends.add(Backend.of("http://h" + i + ":1"));
        }
        return backends;
    }
}
