package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that call, cancel and complete against threads that add, remove, drain and re-weight. */
@Timeout(120)
class PoolStressTest {
    private static final Outcome[] OUTCOMES = Outcome.values();
    private static final int CALLERS = 6;
    private static final int CALLS = 40_000;
    private static final int CHANGES = 2_000;
    private static final int LIMIT = 4;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void trafficUnderEveryChange_leavesNothingInFlight_andEveryCallCountedOnce(long seed) throws Exception {
        stress(Strategies.roundRobin(), seed, call -> call < CALLS, change -> change < CHANGES);
    }

    /** The same for a minute under each of two strategies. */
    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "weightedRoundRobin"})
    void aMinuteOfEveryChange_leavesNothingInFlight_andEveryCallCountedOnce(String strategy) throws Exception {
        long endNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        IntPredicate goesOn = i -> System.nanoTime() - endNanos < 0;
        stress(Strategies.byName(strategy), 4, goesOn, goesOn);
    }

    private static void stress(
            LoadBalancingStrategy strategy, long seed, IntPredicate oneMoreCall, IntPredicate oneMoreChange)
            throws Exception {
        LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(strategy)
                .backends(backends(0, 8))
                .build();
        Map<String, AtomicInteger> held = new ConcurrentHashMap<>();
        LongAdder granted = new LongAdder();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS + 2);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed * 1_000 + i);
                tasks.add(() -> callSomeTimes(pool, random, held, granted, oneMoreCall));
            }
            for (int i = 0; i < 2; i++) {
                Random random = new Random(seed * 1_000 + 500 + i);
                tasks.add(() -> administer(pool, random, oneMoreChange));
            }
            for (Future<Void> task : threads.invokeAll(tasks, 100, TimeUnit.SECONDS)) {
                task.get();
            }
        } finally {
            threads.shutdownNow();
        }

        // Those that left come back with their counters.
        pool.registry().replaceAll(backends(0, 12));
        assertThat(pool.snapshot().inFlight()).isZero();
        long ended = 0;
        for (BackendStatus status : pool.snapshot().backends()) {
            ended += status.outcomes().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
        assertThat(ended).isEqualTo(granted.sum());
        pool.close();
    }

    private static Void callSomeTimes(
            LoadBalancer pool,
            Random random,
            Map<String, AtomicInteger> held,
            LongAdder granted,
            IntPredicate oneMore) {
        Deque<Lease> mine = new ArrayDeque<>();
        for (int i = 0; oneMore.test(i); i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                granted.increment();
                int now = held.computeIfAbsent(lease.backend().id(), id -> new AtomicInteger())
                        .incrementAndGet();
                assertThat(now).isLessThanOrEqualTo(LIMIT);
                mine.add(lease);
            }
            if (random.nextInt(3) == 0) {
                mine.forEach(lease -> end(lease, random, held));
                mine.clear();
            } else if (!mine.isEmpty() && random.nextBoolean()) {
                end(mine.poll(), random, held);
            }
        }
        mine.forEach(lease -> end(lease, random, held));
        return null;
    }

    private static void end(Lease lease, Random random, Map<String, AtomicInteger> held) {
        if (random.nextBoolean()) {
            lease.responded();
        }
        held.get(lease.backend().id()).decrementAndGet();
        Outcome outcome = OUTCOMES[random.nextInt(OUTCOMES.length)];
        assertThat(lease.complete(outcome)).isTrue();
        assertThat(lease.complete(Outcome.SUCCESS)).isFalse();
    }

    private static Void administer(LoadBalancer pool, Random random, IntPredicate oneMore) {
        for (int i = 0; oneMore.test(i); i++) {
            String id = "h" + random.nextInt(12) + ":1";
            try {
                switch (random.nextInt(6)) {
                    case 0 -> pool.registry().add(backend(id));
                    case 1 -> pool.registry().remove(id);
                    case 2 -> pool.registry().setWeight(id, 1 + random.nextInt(100));
                    case 3 -> pool.registry().drain(id, Duration.ofSeconds(5));
                    case 4 -> pool.registry().maintenance(id);
                    default -> pool.registry().activate(id);
                }
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining(id);
            }
            if (random.nextInt(50) == 0) {
                pool.registry().replaceAll(backends(random.nextInt(4), 8));
            }
        }
        return null;
    }

    /** A drain that has completed is final: from then on not one call more. */
    @Test
    void drain_onceComplete_isNeverFollowedByALease() throws Exception {
        LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.roundRobin())
                .backends("http://h0:1", "http://h1:1")
                .build();
        AtomicInteger onDrained = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 2_000; round++) {
                List<Callable<Void>> callers =
                        List.of(() -> callBriefly(pool, onDrained), () -> callBriefly(pool, onDrained));
                List<Future<Void>> running = new ArrayList<>();
                for (Callable<Void> caller : callers) {
                    running.add(threads.submit(caller));
                }
                pool.registry()
                        .drain("h0:1", Duration.ofSeconds(30))
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
                long requests = pool.snapshot().backend("h0:1").requests();
                for (Future<Void> caller : running) {
                    caller.get(20, TimeUnit.SECONDS);
                }
                assertThat(pool.snapshot().backend("h0:1").requests()).isEqualTo(requests);
                pool.registry().activate("h0:1");
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(onDrained).hasPositiveValue();
        pool.close();
    }

    private static Void callBriefly(LoadBalancer pool, AtomicInteger onDrained) {
        for (int i = 0; i < 50; i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                if (lease.backend().id().equals("h0:1")) {
                    onDrained.incrementAndGet();
                }
                lease.complete(Outcome.SUCCESS);
            }
        }
        return null;
    }

    private static List<Backend> backends(int from, int count) {
        List<Backend> list = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            list.add(backend("h" + i + ":1"));
        }
        return list;
    }

    private static Backend backend(String authority) {
        return Backend.builder("http://" + authority).maxInFlight(LIMIT).build();
    }
}
