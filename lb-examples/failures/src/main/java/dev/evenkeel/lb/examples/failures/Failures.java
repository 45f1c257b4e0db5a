package dev.evenkeel.lb.examples.failures;

import java.io.IOException;
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
 * the names of {@link Fault}s, if it is not to be all), or {@code rolling}.
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
        String what = args.length > 0 ? args[0] : "faults";
        switch (what) {
            case "faults" ->
                faults(
                        Plan.full(args.length > 1 ? args[1] : "adaptive"),
                        args.length > 2
                                ? Stream.of(args).skip(2).map(Fault::valueOf).toList()
                                : List.of(Fault.values()));
            case "rolling" -> rolling();
            default ->
                throw new IllegalArgumentException("unknown program \"" + what + "\"; expected one of faults, rolling");
        }
    }

    private static void faults(Plan plan, List<Fault> faults) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%d calls a second to %d nginx servers, strategy %s, checks every %d ms, attempt timeout %d ms%n%n",
                plan.perSecond(),
                Fleet.SERVERS,
                plan.strategy(),
                plan.checkInterval().toMillis(),
                plan.attemptTimeout().toMillis());
        System.out.print(Row.head());
        try (Fleet fleet = new Fleet(5)) {
            FaultTable table = new FaultTable(fleet, plan);
            for (Fault fault : faults) {
                Row row = table.run(fault);
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
    }

    private static void rolling() throws IOException {
        try (Fleet fleet = new Fleet(5)) {
            System.out.print(RollingRestart.run(fleet, Plan.full("adaptive"), 500, Duration.ofSeconds(30))
                    .text());
        }
    }
}
