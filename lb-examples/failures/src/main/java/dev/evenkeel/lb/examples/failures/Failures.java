package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.examples.common.Figure;
import dev.evenkeel.lb.examples.common.Table;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Measures what failures and restarts of real nginx servers cost the calls of an attached client.
 *
 * <p>Arguments: {@code faults} (the default; then a strategy's name, if it is not to be {@code adaptive}, and
 * the names of {@link Fault}s, if it is not to be all), {@code rolling}, {@code parity} (beside plain OkHttp; then {@code brief}, if it is
 * to be short, {@code resend}, if attached clients are to resend what plain OkHttp resends, and the names of
 * {@link ParityCondition}s, if it is not to be all), or {@code draw} (only what is drawn of the numbers that
 * are checked in; from the root of the repository); and {@code --out DIR} for the figures, else they are in {@code target/results}.
 */
public final class Failures {

    private Failures() {}

    /**
     * Runs.
     *
     * @param args see above
     * @throws IOException if the servers cannot be started
     */
    public static void main(String[] args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args));
        Path out = out(words);
        String what = words.isEmpty() ? "faults" : words.get(0);
        switch (what) {
            case "faults" ->
                FaultFigure.FAULTS.write(
                        out,
                        faults(
                                Plan.full(words.size() > 1 ? words.get(1) : "adaptive"),
                                words.size() > 2
                                        ? words.stream()
                                                .skip(2)
                                                .map(Fault::valueOf)
                                                .toList()
                                        : List.of(Fault.values())));
            case "rolling" -> FaultFigure.ROLLING.write(out, rolling());
            case "parity" -> {
                boolean brief = words.remove("brief");
                boolean resends = words.remove("resend");
                parity(
                        brief ? ParityPlan.brief() : ParityPlan.full(),
                        RetryPolicy.builder().resendOnLostConnection(resends).build(),
                        words.size() > 1
                                ? words.stream()
                                        .skip(1)
                                        .map(ParityCondition::valueOf)
                                        .toList()
                                : List.of(ParityCondition.values()));
            }
            case "draw" -> {
                for (Figure figure : FaultFigure.all()) {
                    figure.draw(Path.of("lb-examples", "benchmarks", "results"));
                }
            }
            default ->
                throw new IllegalArgumentException(
                        "unknown program \"" + what + "\"; expected one of faults, rolling, parity, draw");
        }
    }

    /** Takes the folder out of the arguments. */
    private static Path out(List<String> words) {
        int option = words.indexOf("--out");
        if (option < 0) {
            return Path.of("target", "results");
        }
        if (option + 1 == words.size()) {
            throw new IllegalArgumentException("--out needs a value: a folder");
        }
        words.remove(option);
        return Path.of(words.remove(option));
    }

    private static Table faults(Plan plan, List<Fault> faults) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%d calls a second to %d nginx servers, strategy %s, checks every %d ms, attempt timeout %d ms%n%n",
                plan.perSecond(),
                Fleet.SERVERS,
                plan.strategy(),
                plan.checkInterval().toMillis(),
                plan.attemptTimeout().toMillis());
        System.out.print(Row.head());
        Table numbers = FaultFigure.FAULTS.table();
        try (Fleet fleet = new Fleet(5)) {
            FaultTable table = new FaultTable(fleet, plan);
            for (Fault fault : faults) {
                Row row = table.run(fault);
                FaultFigure.add(numbers, row);
                System.out.print(row.line());
                Map<String, Long> reasons =
                        row.failures().stream().collect(Collectors.groupingBy(text -> text, Collectors.counting()));
                reasons.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .limit(3)
                        .forEach(reason -> System.out.println("    " + reason.getValue() + " x " + reason.getKey()));
                if (fault == Fault.ALL_DOWN) {
                    System.out.printf(
                            "    served again %d ms after the first start; failed after that: %d%n",
                            row.anyReturnMillis(), row.failedAfterReturn());
                }
            }
        }
        return numbers;
    }

    private static Table rolling() throws IOException {
        try (Fleet fleet = new Fleet(5)) {
            RollingRestart.Result result =
                    RollingRestart.run(fleet, Plan.full("adaptive"), 500, Duration.ofSeconds(30));
            System.out.print(result.text());
            Table numbers = FaultFigure.ROLLING.table();
            FaultFigure.add(numbers, result);
            return numbers;
        }
    }

    private static void parity(ParityPlan plan, RetryPolicy retries, List<ParityCondition> conditions)
            throws IOException {
        Path nginx = NginxServer.find();
        if (nginx == null) {
            throw new IllegalStateException(NginxServer.MISSING);
        }
        System.out.print(ParityRow.HEAD);
        List<ParityRow> rows = new ArrayList<>();
        for (ParityCondition condition : conditions) {
            for (ParityRow row : new ParityTable(nginx, plan, retries).run(condition)) {
                System.out.println(row.line());
                rows.add(row);
            }
        }
        for (ParityRow row : rows) {
            if (!row.reasons().isEmpty()) {
                System.out.println();
                System.out.println(row.cell().title());
                row.reasons().stream().limit(5).forEach(reason -> System.out.println("    " + reason));
            }
        }
    }
}
