package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.benchmarks.subject.Catalogue;
import dev.evenkeel.lb.benchmarks.subject.Entry;
import dev.evenkeel.lb.benchmarks.subject.Requests;
import dev.evenkeel.lb.benchmarks.subject.Subject;
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
 * What a choice costs. Every fork runs one entry of the {@link Catalogue}, so that its call sites see no other entry's
 * classes.
 *
 * <p>{@link Benchmarks} runs it in rounds: it decides the forks, the iterations and the threads.
 */
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class PickBenchmark {
    /** The {@linkplain Entry#id id} of the entry. */
    @Param("rotation/call/evenkeel/roundrobin")
    public String entry;

    /** How many backends there are. */
    @Param("10")
    public int backends;

    private Subject subject;

    /** Makes the subject. */
    @Setup
    public void setUp() {
        subject = Catalogue.entry(entry).maker().apply(backends);
    }

    /** Stops what the subject has started. */
    @TearDown
    public void tearDown() {
        subject.close();
    }

    /**
     * One choice.
     *
     * @param requests the thread's requests
     * @param clock measures the thread's share of the processor
     * @return what was chosen
     */
    @Benchmark
    public Object choose(Requests requests, CpuShare.Clock clock) {
        return subject.choose(requests);
    }
}
