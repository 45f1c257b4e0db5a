package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.LoadBalancers;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** While breakers open, try and close under many callers, and nothing else speaks against a backend, every call finds one. */
@Timeout(120)
final class CircuitBreakersStressTest {
    private static final int CALLERS = 16;
    private static final int CALLS_OF_A_PHASE = 100_000;

    @RepeatedTest(4)
    void outageAndReturn_underManyCallers_turnNoCallAway() throws Exception {
        Queue<String> turnedAway = new ConcurrentLinkedQueue<>();
        AtomicLong calls = new AtomicLong();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends("http://a", "http://b", "http://c")
                .build()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                running.add(callers.submit(() -> {
                    for (long call = calls.incrementAndGet();
                            call <= 3 * CALLS_OF_A_PHASE;
                            call = calls.incrementAndGet()) {
                        boolean outage = call / CALLS_OF_A_PHASE == 1;
                        PickResult result = pool.acquire(RequestContext.NONE);
                        if (result instanceof Lease lease) {
                            lease.responded();
                            lease.complete(outage ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
                        } else if (result instanceof Unavailable unavailable) {
                            turnedAway.add(unavailable.message());
                        }
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(turnedAway).isEmpty();
            assertThat(pool.snapshot().inFlight()).isZero();
        } finally {
            callers.shutdownNow();
        }
    }
}
