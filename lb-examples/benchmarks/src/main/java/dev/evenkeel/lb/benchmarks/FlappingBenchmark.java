package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A call while health checks find 5 % of 10,000 backends changed in each second, and while they find nothing: the checks run in
 * both cases. The same as {@link Flapping} in processor time of the thread that calls, in several JVMs.
 */
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class FlappingBenchmark {
    /** Of the pool. */
    @Param({"adaptive", "roundRobin", "consistentHash"})
    public String strategy;

    /** Whether 250 go down and 250 come up in each second. */
    @Param({"false", "true"})
    public boolean flaps;

    private final RequestContext request = RequestContext.ofAffinityKey("key");
    private LoadBalancer pool;

    /** Makes the pool. */
    @Setup
    public void setUp() {
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                isDown(Integer.parseInt(backend.id())) ? HealthResult.unhealthy("flaps") : HealthResult.healthy("up"));
        pool = Flapping.pool(strategy, check);
    }

    private boolean isDown(int id) {
        return Flapping.isDown(id, flaps ? TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()) : 0);
    }

    /** Closes it. */
    @TearDown
    public void tearDown() {
        pool.close();
    }

    /**
     * A call that succeeds at once.
     *
     * @param clock measures this thread
     * @return its lease
     */
    @Benchmark
    public PickResult call(CpuShare.Clock clock) {
        PickResult result = pool.acquire(request);
        if (result instanceof Lease lease) {
            lease.complete(Outcome.SUCCESS);
        }
        return result;
    }
}
