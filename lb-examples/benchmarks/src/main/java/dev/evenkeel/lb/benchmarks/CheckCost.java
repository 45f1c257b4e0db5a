package dev.evenkeel.lb.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.internal.socket.PromptHealthCheck;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What it costs this process to check 10,000 backends by TCP in each second, beside nothing but the same connections,
 * opened and closed by the same channels at the same pace. The servers are another process, on 10,000 addresses of the loopback
 * network.
 */
final class CheckCost {
    static final List<String> COLUMNS = List.of("what", "round", "cpu ms", "checks", "snapshots");

    static final String SOCKETS = "the sockets alone";
    static final String CHECKS = "a pool that checks";
    static final String CHANGES = "and 5 % change each second";

    private static final int BACKENDS = 10_000;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Held: {@code java.util.logging} forgets the level of a logger to which no field refers. */
    private static final Logger LINES = Logger.getLogger("dev.evenkeel.lb");

    private final int port;
    private final int warmUpSeconds;
    private final int seconds;
    private final Table table = Figures.CHECKS.table();

    private CheckCost(int port, int warmUpSeconds, int seconds) {
        this.port = port;
        this.warmUpSeconds = warmUpSeconds;
        this.seconds = seconds;
    }

    /**
     * Measures in rounds, so that what else the machine does meets all.
     *
     * @param warmUpSeconds before each measurement
     * @param seconds of each measurement
     */
    static Table run(int rounds, int warmUpSeconds, int seconds, PrintStream out) {
        LINES.setLevel(Level.OFF);
        try {
            Process server = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            CheckCostServer.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                int port = Integer.parseInt(server.inputReader().readLine());
                CheckCost cost = new CheckCost(port, warmUpSeconds, seconds);
                for (int round = 1; round <= rounds; round++) {
                    cost.measure(round);
                }
                print(cost.table, out);
                return cost.table;
            } finally {
                server.destroy();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void measure(int round) throws IOException, InterruptedException {
        sockets(round);
        pool(round, false);
        pool(round, true);
    }

    private static InetAddress address(int backend) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 1, (byte) (backend / 250), (byte) (1 + backend % 250)});
    }

    private void sockets(int round) throws IOException, InterruptedException {
        LongAdder ended = new LongAdder();
        AtomicInteger next = new AtomicInteger();
        AsynchronousChannelGroup group =
                AsynchronousChannelGroup.withFixedThreadPool(1, Executors.defaultThreadFactory());
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try {
            List<InetSocketAddress> targets = new ArrayList<>(BACKENDS);
            for (int i = 0; i < BACKENDS; i++) {
                targets.add(new InetSocketAddress(address(i), port));
            }
            ScheduledFuture<?> unused = timer.scheduleAtFixedRate(
                    () -> {
                        for (int i = 0; i < BACKENDS / 1_000; i++) {
                            connect(group, targets.get(next.getAndIncrement() % BACKENDS), ended);
                        }
                    },
                    0,
                    1,
                    TimeUnit.MILLISECONDS);
            measure(SOCKETS, round, ended, null);
        } finally {
            timer.shutdownNow();
            group.shutdownNow();
        }
    }

    private static void connect(AsynchronousChannelGroup group, InetSocketAddress target, LongAdder ended) {
        try {
            AsynchronousSocketChannel channel = AsynchronousSocketChannel.open(group);
            channel.connect(target, null, new CompletionHandler<@Nullable Void, @Nullable Void>() {
                @Override
                public void completed(@Nullable Void nothing, @Nullable Void attachment) {
                    close(channel);
                    ended.increment();
                }

                @Override
                public void failed(Throwable cause, @Nullable Void attachment) {
                    close(channel);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(AsynchronousSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pool(int round, boolean changes) throws IOException, InterruptedException {
        LongAdder ended = new LongAdder();
        long begin = System.nanoTime();
        HealthCheck check = new CountedCheck(ended, backend -> {
            long second = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
            return changes && Flapping.isDown(Integer.parseInt(backend.id()), second);
        });
        List<Backend> backends = new ArrayList<>(BACKENDS);
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(Backend.builder("http://" + address(i).getHostAddress() + ":" + port)
                    .id(Integer.toString(i))
                    .build());
        }
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends(backends)
                .healthCheck(HealthCheckPolicy.builder(check)
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .fall(1)
                        .build())
                .build()) {
            measure(changes ? CHANGES : CHECKS, round, ended, pool);
        }
    }

    private void measure(String what, int round, LongAdder ended, @Nullable LoadBalancer pool)
            throws InterruptedException {
        TimeUnit.SECONDS.sleep(warmUpSeconds);
        long version = pool == null ? 0 : pool.snapshot().version();
        long before = ended.sum();
        long beginNanos = System.nanoTime();
        long cpuNanos = SYSTEM.getProcessCpuTime();
        TimeUnit.SECONDS.sleep(seconds);
        double passed = (System.nanoTime() - beginNanos) / 1e9;
        table.add(
                what,
                round,
                Table.rounded(0, (SYSTEM.getProcessCpuTime() - cpuNanos) / 1e6 / passed),
                Table.rounded(0, (ended.sum() - before) / passed),
                Table.rounded(0, pool == null ? 0 : (pool.snapshot().version() - version) / passed));
    }

    /** Evenkeel's TCP check, counted, and with another result for some backends. */
    private static final class CountedCheck implements PromptHealthCheck {
        private final PromptHealthCheck tcp = (PromptHealthCheck) HealthChecks.tcp();
        private final LongAdder ended;
        private final Predicate<Backend> down;

        CountedCheck(LongAdder ended, Predicate<Backend> down) {
            this.ended = ended;
            this.down = down;
        }

        @Override
        public boolean isPrompt(Backend backend) {
            return tcp.isPrompt(backend);
        }

        @Override
        public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
            return tcp.check(backend, timeout).thenApply(result -> {
                if (result.state() == HealthState.UP) {
                    ended.increment();
                }
                return down.test(backend) ? HealthResult.unhealthy("flaps") : result;
            });
        }

        @Override
        public void retain() {
            tcp.retain();
        }

        @Override
        public void release() {
            tcp.release();
        }
    }

    /** Microseconds of processor time for each connection: the rates differ a little. */
    static double micros(Table.Row row) {
        return 1e3 * row.number("cpu ms") / row.number("checks");
    }

    static double[] sortedMicros(Table table, String what) {
        return table.rows("what", what).stream()
                .mapToDouble(CheckCost::micros)
                .sorted()
                .toArray();
    }

    static double medianMicros(Table table, String what) {
        return FirstCall.median(sortedMicros(table, what));
    }

    private static void print(Table table, PrintStream out) {
        double sockets = medianMicros(table, SOCKETS);
        out.println(
                "| what | µs of processor time a check, median (least–largest) | × | checks a second | snapshots a second |");
        out.println("|---|---:|---:|---:|---:|");
        for (String what : table.texts("what")) {
            double[] sorted = sortedMicros(table, what);
            Table.Row last = table.rows("what", what).get(sorted.length - 1);
            out.printf(
                    Locale.ROOT,
                    "| %s | %.1f (%.1f–%.1f) | %.2f | %s | %s |%n",
                    what,
                    medianMicros(table, what),
                    sorted[0],
                    sorted[sorted.length - 1],
                    medianMicros(table, what) / sockets,
                    last.text("checks"),
                    last.text("snapshots"));
        }
    }
}
