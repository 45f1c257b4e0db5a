package dev.evenkeel.lb.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * How much of the time the measured threads had a processor to run on. A busy machine takes it away for milliseconds, which
 * the clock on the wall counts as the benchmark's; the time of an operation times this share is what it took itself.
 */
public final class CpuShare implements InternalProfiler {
    static final String LABEL = "cpu.share";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final LongAdder CPU_NANOS = new LongAdder();
    private static final LongAdder WALL_NANOS = new LongAdder();

    @Override
    public String getDescription() {
        return "the share of the time that the measured threads ran";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        CPU_NANOS.reset();
        WALL_NANOS.reset();
    }

    @Override
    @SuppressWarnings("rawtypes") // JMH's own signature
    public Collection<? extends Result> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double share = (double) CPU_NANOS.sum() / Math.max(1, WALL_NANOS.sum());
        return List.of(new ScalarResult(LABEL, Math.min(1, share), "", AggregationPolicy.AVG));
    }

    /** Reads the clocks in the measured thread itself, around each iteration. */
    @State(Scope.Thread)
    public static class Clock {
        private long cpuNanos;
        private long wallNanos;

        /** The iteration begins. */
        @Setup(Level.Iteration)
        public void begin() {
            wallNanos = System.nanoTime();
            cpuNanos = THREADS.getCurrentThreadCpuTime();
        }

        /** The iteration has ended. */
        @TearDown(Level.Iteration)
        public void end() {
            CPU_NANOS.add(THREADS.getCurrentThreadCpuTime() - cpuNanos);
            WALL_NANOS.add(System.nanoTime() - wallNanos);
        }
    }
}
