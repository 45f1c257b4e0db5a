package dev.evenkeel.lb.examples.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Prints the table: {@code mvn -q -pl lb-examples/simulation -am compile exec:java}. Arguments, by
 * {@code -Dexec.args="10 3"}: clients, seeds, and perhaps the one policy that is wanted; {@code scale} for 200 servers;
 * {@code report} to write the files of {@code lb-examples/simulation/report}, {@code missing} to do so but keep the rows that are
 * there (both with the number of threads, by default that of the processors), {@code fleet} to write those about 10,000
 * servers, which wants some minutes and a heap of 8 GB, {@code draw} to write only what is made of numbers.
 */
public final class Main {

    private Main() {}

    /**
     * Runs.
     *
     * @param args as above
     * @throws IOException if a file of the report cannot be written
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        StudyFiles files = new StudyFiles(Path.of("lb-examples", "simulation", "report"));
        if (args.length > 0 && args[0].equals("report")) {
            files.writeNumbers(Study.make(threads(args)));
            files.writeDrawings();
            return;
        }
        if (args.length > 0 && args[0].equals("missing")) {
            files.writeMissingNumbers(threads(args));
            files.writeDrawings();
            return;
        }
        if (args.length > 0 && args[0].equals("draw")) {
            files.writeDrawings();
            return;
        }
        if (args.length > 0 && args[0].equals("scale")) {
            new Report(System.out, 1).print(List.of(Scenario.scale(10), Scenario.scale(100)), Policy.table());
            return;
        }
        if (args.length > 0 && args[0].equals("fleet")) {
            files.writeFleet(FleetStudy.make(System.out));
            return;
        }
        int clients = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        int seeds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        List<Policy> policies = args.length > 2 ? List.of(Policy.named(args[2])) : Policy.table();
        new Report(System.out, seeds).print(Scenario.table(clients), policies);
    }

    private static int threads(String[] args) {
        return args.length > 1
                ? Integer.parseInt(args[1])
                : Runtime.getRuntime().availableProcessors();
    }
}
