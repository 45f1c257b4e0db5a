package dev.evenkeel.lb.examples.failures;

import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints what failures and restarts of real nginx servers cost the calls of an attached client.
 *
 * <p>Arguments: {@code faults} (the default; then a strategy's name, if it is not to be {@code adaptive}, and
 * the names of {@link Fault}s, if it is not to be all), {@code rolling}, {@code record} (all faults, and the numbers and their
 * drawing are written to where they are checked in; from the root of the repository), or {@code draw} (only the drawing).
 */
public final class Failures {

    private static final Path RESULTS = Path.of("lb-examples", "benchmarks", "results");

    private Failures() {}

    /**
     * Runs.
     *
     * @param args see above
     * @throws IOException if the servers cannot be started
     */
    public static void main(String[] args) throws IOException {
        String what = args.length > 0 ? args[0] : "faults";
        switch (what) {
            case "faults" ->
                faults(
                        Plan.full(args.length > 1 ? args[1] : "adaptive"),
                        args.length > 2
                                ? Stream.of(args).skip(2).map(Fault::valueOf).toList()
                                : List.of(Fault.values()));
            case "record" -> FaultFigure.FAULTS.write(RESULTS, faults(Plan.full("adaptive"), List.of(Fault.values())));
            case "draw" -> FaultFigure.FAULTS.draw(RESULTS);
            case "rolling" -> rolling();
            default ->
                throw new IllegalArgumentException(
                        "unknown program \"" + what + "\"; expected one of faults, record, draw," + " rolling");
        }
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

    private static void rolling() throws IOException {
        try (Fleet fleet = new Fleet(5)) {
            System.out.print(RollingRestart.run(fleet, Plan.full("adaptive"), 500, Duration.ofSeconds(30))
                    .text());
        }
    }
}
