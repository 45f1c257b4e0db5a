package dev.evenkeel.lb.examples.tail;

import com.sun.management.OperatingSystemMXBean;
import dev.evenkeel.lb.examples.common.ServerProgram;
import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * What a whole call costs: direct to one server, by a hand-written interceptor, by Evenkeel, and through HAProxy and nginx, to the
 * same three nginx servers. All in one JVM, a few calls of each way in turn, again and again: what else the machine does lasts longer
 * than a turn, and so meets all. A ratio is taken within a round of many turns, and the rounds tell how far to trust it.
 *
 * <p>Arguments: {@code --rounds N} (default 30; a minute for ten), {@code --out DIR} for the figures (default {@code target/results});
 * quoted are the median of the rounds' ratios, their lowest and highest tenth.
 */
public final class WholeCall {
    /** Of one thread, in a slice. */
    private static final int CALLS_OF_ONE = 50;

    private static final int SLICES_OF_ONE = 30;
    /** Of eight threads, in a slice. */
    private static final int CALLS_OF_ALL = 2_000;

    private static final int SLICES_OF_ALL = 4;
    private static final int THREADS = 8;
    private static final int SERVERS = 3;
    private static final int WARM_UP_ROUNDS = 4;
    private static final int ADAPTIVE = 0;
    private static final int ROUND_ROBIN = 1;

    private final List<Way> ways;
    private final List<ServerProgram> servers;
    private final List<List<Block>> rounds = new ArrayList<>();

    /**
     * What the calls of a round came to.
     *
     * @param medianNanos of a call, one thread
     * @param callsPerSecond of eight threads
     * @param cpuNanos of a call of eight threads, in the client, the proxy and the servers
     * @param failed calls
     */
    private record Block(double medianNanos, double callsPerSecond, double cpuNanos, int failed) {}

    /** What a way has been through in a round. */
    private static final class Round {
        private final long[] nanos = new long[SLICES_OF_ONE * CALLS_OF_ONE];
        private long nanosOfAll;
        private long cpuNanosOfAll;
        private int failed;

        Block block() {
            Arrays.sort(nanos);
            double calls = SLICES_OF_ALL * CALLS_OF_ALL;
            return new Block(nanos[nanos.length / 2], calls * 1e9 / nanosOfAll, cpuNanosOfAll / calls, failed);
        }
    }

    /** What is compared. */
    private enum Figure {
        MEDIAN,
        RATE,
        CPU;

        double of(Block block) {
            return switch (this) {
                case MEDIAN -> block.medianNanos;
                case RATE -> block.callsPerSecond;
                case CPU -> block.cpuNanos;
            };
        }
    }

    private WholeCall(List<Way> ways, List<ServerProgram> servers) {
        this.ways = ways;
        this.servers = servers;
    }

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--rounds"), args);
        Table table = run(WARM_UP_ROUNDS, arguments.number("--rounds", 30));
        lines(table).forEach(System.out::println);
        Figures.WHOLE_CALL.write(arguments.out(), table);
    }

    static Table run(int warmUpRounds, int rounds) throws IOException, InterruptedException, ExecutionException {
        Path parent = Files.createTempDirectory("evenkeel-ways");
        List<AutoCloseable> all = new ArrayList<>();
        try {
            List<ServerProgram> servers = new ArrayList<>();
            for (int i = 0; i < SERVERS; i++) {
                ServerProgram server = Proxies.backend(parent);
                servers.add(server);
                all.add(server);
            }
            List<String> addresses =
                    servers.stream().map(ServerProgram::address).toList();
            List<Way> ways = new ArrayList<>();
            ways.add(Way.evenkeel("adaptive", addresses));
            ways.add(Way.evenkeel("roundRobin", addresses));
            ways.add(Way.direct(addresses.get(0)));
            ways.add(Way.evenkeelOfOne("adaptive", addresses.get(0)));
            ways.add(Way.rewriting(addresses));
            ways.add(Way.haproxy(parent, "roundrobin", addresses));
            ways.add(Way.nginx(parent, "", addresses));
            all.addAll(ways);
            WholeCall comparison = new WholeCall(ways, servers);
            comparison.measure(warmUpRounds, rounds);
            return comparison.table();
        } finally {
            for (int i = all.size() - 1; i >= 0; i--) {
                closeQuietly(all.get(i));
            }
            delete(parent);
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            System.err.println("not closed: " + e);
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void measure(int warmUp, int wanted) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < warmUp + wanted; round++) {
                List<Round> figures = ways.stream().map(way -> new Round()).toList();
                // Another one begins each time.
                for (int slice = 0; slice < SLICES_OF_ONE; slice++) {
                    for (int i = 0; i < ways.size(); i++) {
                        int index = (i + slice + round) % ways.size();
                        callByOne(ways.get(index), figures.get(index), slice);
                    }
                }
                for (int slice = 0; slice < SLICES_OF_ALL; slice++) {
                    for (int i = 0; i < ways.size(); i++) {
                        int index = (i + slice + round) % ways.size();
                        callByAll(ways.get(index), figures.get(index), threads);
                    }
                }
                if (round >= warmUp) {
                    rounds.add(figures.stream().map(Round::block).toList());
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    private static void callByOne(Way way, Round round, int slice) {
        for (int i = 0; i < CALLS_OF_ONE; i++) {
            long start = System.nanoTime();
            round.failed += way.succeeds() ? 0 : 1;
            round.nanos[slice * CALLS_OF_ONE + i] = System.nanoTime() - start;
        }
    }

    private void callByAll(Way way, Round round, ExecutorService threads)
            throws InterruptedException, ExecutionException {
        long cpuBefore = cpuNanos(way);
        long start = System.nanoTime();
        List<Future<Integer>> failures = new ArrayList<>();
        // The next free thread takes the next call: at the end no thread waits for one that the machine has let wait.
        AtomicInteger left = new AtomicInteger(CALLS_OF_ALL);
        for (int thread = 0; thread < THREADS; thread++) {
            failures.add(threads.submit(() -> {
                int mine = 0;
                while (left.getAndDecrement() > 0) {
                    mine += way.succeeds() ? 0 : 1;
                }
                return mine;
            }));
        }
        for (Future<Integer> some : failures) {
            round.failed += some.get();
        }
        round.nanosOfAll += System.nanoTime() - start;
        round.cpuNanosOfAll += cpuNanos(way) - cpuBefore;
    }

    private long cpuNanos(Way way) {
        OperatingSystemMXBean jvm = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long nanos = jvm.getProcessCpuTime();
        for (ServerProgram server : servers) {
            nanos += server.cpu().toNanos();
        }
        return way.proxy == null ? nanos : nanos + way.proxy.cpu().toNanos();
    }

    private Table table() {
        Table table = Figures.WHOLE_CALL.table();
        for (int i = 0; i < ways.size(); i++) {
            add(table, i, "median us", 1, Figure.MEDIAN, 1e3);
            add(table, i, "calls a second", 0, Figure.RATE, 1);
            add(table, i, "cpu us", 1, Figure.CPU, 1e3);
        }
        return table;
    }

    private void add(Table table, int index, String name, int digits, Figure figure, double unit) {
        int failed =
                rounds.stream().mapToInt(blocks -> blocks.get(index).failed).sum();
        double[] toAdaptive = ratios(index, ADAPTIVE, figure);
        double[] toRoundRobin = ratios(index, ROUND_ROBIN, figure);
        table.add(
                ways.get(index).name,
                name,
                Table.rounded(digits, middle(index, figure) / unit),
                percentile(toAdaptive, 0.5),
                percentile(toAdaptive, 0.1),
                percentile(toAdaptive, 0.9),
                percentile(toRoundRobin, 0.5),
                percentile(toRoundRobin, 0.1),
                percentile(toRoundRobin, 0.9),
                failed);
    }

    private static String percentile(double[] sorted, double part) {
        return Table.rounded(2, sorted[(int) Math.round(part * (sorted.length - 1))]);
    }

    /** The same as Markdown: a row for each way, and a row for each once more, beside roundRobin. */
    static List<String> lines(Table table) {
        List<String> lines = new ArrayList<>();
        lines.add("| way | median, 1 thread, µs | × Evenkeel | calls/s, 8 threads | × Evenkeel"
                + " | CPU of a call, µs | × Evenkeel | failed |");
        lines.add("|---|---:|---:|---:|---:|---:|---:|---:|");
        for (String way : table.texts("way")) {
            List<Table.Row> rows = table.rows("way", way);
            StringBuilder line = new StringBuilder("| ").append(way);
            for (Table.Row row : rows) {
                line.append(" | ").append(row.text("value")).append(" | ").append(spread(row, "ratio"));
            }
            lines.add(line.append(" | ")
                    .append(rows.get(0).text("failed"))
                    .append(" |")
                    .toString());
        }
        lines.add("");
        lines.add("| way | median, × roundRobin | calls/s, × roundRobin | CPU, × roundRobin |");
        lines.add("|---|---:|---:|---:|");
        for (String way : table.texts("way")) {
            StringBuilder line = new StringBuilder("| ").append(way);
            table.rows("way", way).forEach(row -> line.append(" | ").append(spread(row, "to roundRobin")));
            lines.add(line.append(" |").toString());
        }
        return lines;
    }

    private static String spread(Table.Row row, String ratio) {
        return row.text(ratio) + " (" + row.text(ratio + " p10") + '–' + row.text(ratio + " p90") + ')';
    }

    private double middle(int index, Figure figure) {
        double[] values = rounds.stream()
                .mapToDouble(blocks -> figure.of(blocks.get(index)))
                .sorted()
                .toArray();
        return values[values.length / 2];
    }

    /** To another way within each round, in order. */
    private double[] ratios(int index, int other, Figure figure) {
        return rounds.stream()
                .mapToDouble(blocks -> figure.of(blocks.get(index)) / figure.of(blocks.get(other)))
                .sorted()
                .toArray();
    }
}
