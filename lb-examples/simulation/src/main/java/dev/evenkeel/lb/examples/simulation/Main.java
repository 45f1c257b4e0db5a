package dev.evenkeel.lb.examples.simulation;

import java.util.List;

/**
 * Prints the table: {@code mvn -q -pl lb-examples/simulation -am compile exec:java}. Arguments, by
 * {@code -Dexec.args="10 3"}: clients, seeds, and perhaps the one policy that is wanted; or {@code scale} for 200 servers.
 */
public final class Main {

    private Main() {}

    /**
     * Runs.
     *
     * @param args as above
     */
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("scale")) {
            new Report(System.out, 1).print(List.of(Scenario.scale(10), Scenario.scale(100)), Policy.table());
            return;
        }
        int clients = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        int seeds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        List<Policy> policies = args.length > 2
                ? Policy.table().stream()
                        .filter(policy -> policy.name().equals(args[2]))
                        .toList()
                : Policy.table();
        new Report(System.out, seeds).print(Scenario.table(clients), policies);
    }
}
