package dev.evenkeel.lb.core.internal.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads that wait for room in a pool of few places, some of which give up, while backends come and go. The wait is an
 * hour: a wake-up that got lost would be a thread that never comes back.
 */
@Timeout(120)
class AdmissionControllerStressTest {
    private static final int CALLERS = 8;
    private static final int CALLS = 3_000;
    private static final int LIMIT = 3;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void poolOfFewPlaces_neverLetsInTooMany_andForgetsNobody(long seed) throws Exception {
        stress(seed, LimitPolicy.maxInFlight(LIMIT), backend("a", Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void backendsOfFewPlaces_neverLetInTooMany_andForgetNobody(long seed) throws Exception {
        stress(seed, LimitPolicy.none(), backend("a", LIMIT));
    }

    private static Backend backend(String id, int most) {
        return Backend.builder("http://" + id).id(id).maxInFlight(most).build();
    }

    private static void stress(long seed, LimitPolicy limits, Backend backend) throws Exception {
        LoadBalancer pool = LoadBalancers.builder("users")
                .backend(backend)
                .limits(limits.withQueue(CALLERS, Duration.ofHours(1)))
                .build();
        AtomicInteger held = new AtomicInteger();
        LongAdder granted = new LongAdder();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS + 1);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Random random = new Random(seed * 1_000 + i);
                tasks.add(() -> call(pool, random, held, granted));
            }
            Random random = new Random(seed * 1_000 + CALLERS);
            tasks.add(() -> {
                for (int i = 0; i < 300; i++) {
                    pool.registry().setWeight("a", 1 + random.nextInt(100));
                }
                return null;
            });
            for (Future<Void> task : threads.invokeAll(tasks, 100, TimeUnit.SECONDS)) {
                task.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(granted.sum()).isPositive();
        for (int i = 0; i < LIMIT; i++) {
            assertThat(pool.acquire(RequestContext.NONE)).isInstanceOf(Lease.class);
        }
        assertThat(pool.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);
        pool.close();
    }

    private static Void call(LoadBalancer pool, Random random, AtomicInteger held, LongAdder granted) throws Exception {
        for (int i = 0; i < CALLS; i++) {
            CompletableFuture<PickResult> waiting = pool.acquireOrWait(RequestContext.NONE);
            if (random.nextInt(8) == 0) {
                waiting.cancel(false);
            }
            PickResult result;
            try {
                result = waiting.get();
            } catch (CancellationException e) {
                continue;
            }
            // The queue has room for every caller.
            assertThat(result).isInstanceOf(Lease.class);
            granted.increment();
            assertThat(held.incrementAndGet()).isLessThanOrEqualTo(LIMIT);
            if (random.nextInt(4) == 0) {
                Thread.yield();
            }
            held.decrementAndGet();
            ((Lease) result).complete(random.nextInt(10) == 0 ? Outcome.CANCELLED : Outcome.SUCCESS);
        }
        return null;
    }
}
