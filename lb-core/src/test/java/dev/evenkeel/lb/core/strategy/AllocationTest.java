package dev.evenkeel.lb.core.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a call costs the garbage collector, counted by the JVM for this thread. */
final class AllocationTest {
    private static final int WARM_UP = 20_000;
    private static final int CALLS = 10_000;

    /** A lease of 64 bytes, and less than another object. */
    private static final int MAX_BYTES_A_CALL = 72;

    static List<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void pick_allocatesNothing(LoadBalancingStrategy strategy) {
        FakePool pool = new FakePool(strategy, 1, FakePool.ofWeights(1, 2, 3, 4, 5));
        FakeRequest request = FakeRequest.withKey("key");
        Picker picker = pool.picker();
        long bytes = bytesOf(() -> picker.pick(request));
        // What is done once in a while, such as the growth of a table, is not what a pick costs.
        assertThat(bytes / (double) CALLS).isLessThan(0.5);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void pick_inSlowStart_allocatesNothing(LoadBalancingStrategy strategy) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 1, 1, 0.5);
        candidates.get(4).inSlowStart = true;
        Picker picker = new FakePool(strategy, 1, candidates).picker();
        FakeRequest request = FakeRequest.withKey("key");
        assertThat(bytesOf(() -> picker.pick(request)) / (double) CALLS).isLessThan(0.5);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void call_allocatesItsLease(LoadBalancingStrategy strategy) {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends(IntStream.range(0, 5)
                        .mapToObj(i -> "http://b" + i + ".test")
                        .toArray(String[]::new))
                .strategy(strategy)
                .build()) {
            long bytes = bytesOf(() -> {
                Lease lease = (Lease) pool.acquire(RequestContext.NONE);
                lease.responded();
                lease.complete(Outcome.SUCCESS);
            });
            assertThat(bytes / (double) CALLS).isLessThanOrEqualTo(MAX_BYTES_A_CALL);
        }
    }

    private static long bytesOf(Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assumeThat(threads.isThreadAllocatedMemorySupported())
                .as("this JVM counts what a thread allocates")
                .isTrue();
        for (int i = 0; i < WARM_UP; i++) {
            call.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
