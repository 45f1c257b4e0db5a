package dev.evenkeel.lb.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
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
 * What a whole OkHttp call costs with our interceptor, beside none, one that does nothing, and a hand-written one that
 * rotates and rewrites the URL. Each call is executed, its body of two bytes read, and the response closed.
 *
 * <p>There is no I/O. {@link #canned}: an interceptor beneath answers, so that nothing but the chain is left; ours sees no
 * exchange then, as with a cache hit. {@link #inMemory}: OkHttp's own HTTP/1.1 over sockets in memory, so that ours counts
 * the exchange from the lease to the end of the body.
 */
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH sets the fields
public class CallBenchmark {
    /** What stands between the call and the exchange. */
    @Param({"none", "noop", "rewriting", "roundRobin", "adaptive"})
    public String interceptor;

    private final Request request = new Request.Builder().url(Clients.URL).build();
    private Clients clients;
    private OkHttpClient canned;
    private OkHttpClient inMemory;

    /** Makes the clients. */
    @Setup
    public void setUp() {
        clients = Clients.with(interceptor);
        canned = clients.canned();
        inMemory = clients.inMemory();
    }

    /** Closes the pool. */
    @TearDown
    public void tearDown() {
        clients.close();
    }

    /**
     * A call that an interceptor answers.
     *
     * @param clock measures the thread's share of the processor
     * @return the length of the body
     * @throws IOException never
     */
    @Benchmark
    public long canned(CpuShare.Clock clock) throws IOException {
        return get(canned);
    }

    /**
     * A call over a socket in memory.
     *
     * @param clock measures the thread's share of the processor
     * @return the length of the body
     * @throws IOException never
     */
    @Benchmark
    public long inMemory(CpuShare.Clock clock) throws IOException {
        return get(inMemory);
    }

    private long get(OkHttpClient client) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return response.body().source().readUtf8().length();
        }
    }
}
