package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.benchmarks.subject.Entry;
import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The command. Measures in rounds: every subject once, in a JVM of its own, with what it is compared with before and
 * after it; then all of them again. A ratio is taken within a round, so that what else the machine does meets both sides, and
 * the rounds tell how far to trust it.
 */
public final class Benchmarks {
    private static final PrintStream OUT = System.out;
    private static final int FLAPPING_ROUNDS = 3;
    private static final int FIRST_CALLS = 20;
    /** A whole call runs through so much code that it takes seconds until all of it is compiled. */
    private static final int CALL_WARM_UPS = 15;

    /** The heap is touched beforehand: otherwise the first second of leases is mostly the kernel's work of finding pages for them. */
    private static final String[] JVM = {
        "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-Xbatch", "-Dslf4j.internal.verbosity=ERROR"
    };

    private static final int CHECK_ROUNDS = 3;
    private static final int CHECK_SECONDS = 10;

    private final Profile profile;
    private final List<Measurement> measurements = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    private Benchmarks(Profile profile) {
        this.profile = profile;
    }

    /**
     * Measures, writes the CSV and what is drawn of it, and prints the ratios; or draws again what was measured.
     *
     * @param args see {@link Profile#USAGE}
     * @throws IOException if a file cannot be written
     * @throws RunnerException if JMH cannot run
     */
    public static void main(String[] args) throws IOException, RunnerException {
        List<String> options = Arrays.stream(args).filter(arg -> !arg.isBlank()).toList();
        if (options.contains("--help")) {
            OUT.println(Profile.USAGE);
            return;
        }
        int out = options.indexOf("--out");
        Path folder = Path.of(out < 0 ? "target/results" : Profile.value(options, out + 1));
        int ratios = options.indexOf("--ratios");
        if (options.contains("--draw")) {
            draw(out < 0 ? Path.of("results") : folder);
        } else if (options.contains("--flapping")) {
            write(Figures.FLAPPING, folder, Flapping.run(OUT));
            flapping();
        } else if (options.contains("--membership")) {
            write(Figures.MEMBERSHIP, folder, Membership.run(OUT));
        } else if (options.contains("--checks")) {
            write(Figures.CHECKS, folder, CheckCost.run(CHECK_ROUNDS, CHECK_SECONDS, CHECK_SECONDS, OUT));
        } else if (options.contains("--first-call")) {
            write(Figures.FIRST_CALL, folder, FirstCall.run(FIRST_CALLS, OUT));
        } else if (options.contains("--routes")) {
            write(Figures.ROUTES, folder, routes());
        } else if (ratios >= 0) {
            report(Table.read(Path.of(Profile.value(options, ratios + 1))).rows().stream()
                    .map(Measurement::of)
                    .toList());
        } else {
            Benchmarks benchmarks = new Benchmarks(Profile.of(options));
            benchmarks.run();
            Ratios table = report(benchmarks.measurements);
            Table measurements = Figures.PICK.table();
            benchmarks.measurements.forEach(measurement -> measurement.addTo(measurements));
            write(Figures.PICK, folder, measurements);
            Files.write(folder.resolve("ratios.csv"), table.toCsv());
        }
    }

    private static void write(Figure figure, Path folder, Table table) throws IOException {
        figure.write(folder, table);
        OUT.printf("%nin %s: %s.csv, %<s.svg%n", folder.toAbsolutePath(), figure.name());
    }

    private static void draw(Path folder) throws IOException {
        for (Figure figure : Figures.all()) {
            figure.draw(folder);
        }
    }

    /** In turns: what else the machine does meets both sides. */
    private static void flapping() throws RunnerException {
        OUT.println(
                "\n| round | strategy | 5 % change each second | processor ns a call | B |\n|---|---|---|---:|---:|");
        for (int round = 1; round <= FLAPPING_ROUNDS; round++) {
            Collection<RunResult> results = new Runner(new OptionsBuilder()
                            .include(FlappingBenchmark.class.getSimpleName())
                            .verbosity(VerboseMode.SILENT)
                            .shouldFailOnError(true)
                            .addProfiler(GCProfiler.class)
                            .addProfiler(CpuShare.class)
                            .build())
                    .run();
            for (RunResult result : results) {
                OUT.printf(
                        "| %d | %s | %s | %.0f | %.0f |%n",
                        round,
                        result.getParams().getParam("strategy"),
                        result.getParams().getParam("flaps"),
                        result.getPrimaryResult().getScore() * figure(result, CpuShare.LABEL),
                        figure(result, "gc.alloc.rate.norm"));
            }
        }
    }

    private static Table routes() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(RouteBenchmark.class.getSimpleName())
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .addProfiler(GCProfiler.class)
                        .addProfiler(CpuShare.class)
                        .jvmArgsAppend("-Xbatch")
                        .build())
                .run();
        Table table = Figures.ROUTES.table();
        for (RunResult result : results) {
            table.add(
                    result.getParams().getParam("layout"),
                    result.getParams().getParam("routes"),
                    Table.rounded(0, result.getPrimaryResult().getScore() * figure(result, CpuShare.LABEL)),
                    Table.rounded(0, figure(result, "gc.alloc.rate.norm")));
        }
        OUT.println("| layout | routes | ns | B |\n|---|---:|---:|---:|");
        table.rows()
                .forEach(row -> OUT.printf(
                        "| %s | %s | %s | %s |%n",
                        Figures.ROUTES.columns().stream().map(row::text).toArray()));
        return table;
    }

    private static Ratios report(List<Measurement> measurements) {
        Ratios ratios = new Ratios(measurements);
        ratios.toMarkdown().forEach(OUT::println);
        return ratios;
    }

    private void run() throws RunnerException {
        for (int round = 1; round <= profile.rounds(); round++) {
            for (int threads : profile.threads()) {
                for (int size : profile.sizes()) {
                    for (Entry entry : profile.entries()) {
                        measure(entry, size, threads, round);
                    }
                }
            }
            measureCalls(round);
        }
    }

    private void measure(Entry entry, int size, int threads, int round) throws RunnerException {
        Collection<RunResult> results = new Runner(options(PickBenchmark.class, "choose", profile.warmupMillis())
                        .param("entry", entry.id())
                        .param("backends", Integer.toString(size))
                        .threads(threads)
                        .build())
                .run();
        for (RunResult result : results) {
            add(result, entry.id(), size, threads, round);
        }
    }

    private void measureCalls(int round) throws RunnerException {
        if (!profile.calls()) {
            return;
        }
        for (String exchange : List.of("canned", "inMemory")) {
            for (String interceptor : Clients.INTERCEPTORS) {
                String id = "call/okhttp/" + exchange + "/" + interceptor;
                if (profile.subjects().test(id)) {
                    Collection<RunResult> results = new Runner(
                                    options(CallBenchmark.class, exchange, CALL_WARM_UPS * profile.warmupMillis())
                                            .param("interceptor", interceptor)
                                            .build())
                            .run();
                    for (RunResult result : results) {
                        add(result, id, Clients.BACKENDS, 1, round);
                    }
                }
            }
        }
    }

    private ChainedOptionsBuilder options(Class<?> benchmark, String method, int warmupMillis) {
        int warmups = Math.max(1, warmupMillis / 100);
        int measured = Math.max(1, profile.measuredMillis() / 100);
        return new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$")
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuShare.class)
                .forks(1)
                .warmupIterations(warmups)
                .warmupTime(new TimeValue(warmupMillis / warmups, TimeUnit.MILLISECONDS))
                .measurementIterations(measured)
                .measurementTime(new TimeValue(profile.measuredMillis() / measured, TimeUnit.MILLISECONDS))
                .jvmArgsAppend(JVM);
    }

    private void add(RunResult result, String id, int size, int threads, int round) {
        double share = figure(result, CpuShare.LABEL);
        Measurement measurement = new Measurement(
                id,
                size,
                threads,
                round,
                result.getPrimaryResult().getScore() * share,
                figure(result, "gc.alloc.rate.norm"));
        measurements.add(measurement);
        OUT.printf(
                "%5d s  round %d, %d thread(s), %6d backends  %-55s %9.1f ns %8.1f B  %3.0f %% CPU%n",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                round,
                threads,
                size,
                id,
                measurement.nanos(),
                measurement.bytes(),
                100 * share);
    }

    private static double figure(RunResult result, String label) {
        Result<?> secondary = result.getSecondaryResults().get(label);
        return secondary == null ? Double.NaN : secondary.getScore();
    }
}
