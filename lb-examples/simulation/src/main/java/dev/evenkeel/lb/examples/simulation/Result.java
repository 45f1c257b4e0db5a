package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the callers saw.
 *
 * @param calls how many were measured
 * @param errors how many of them did not succeed
 * @param p50Millis of the successes
 * @param p99Millis of the successes
 * @param p999Millis of the successes
 * @param callsPerServer how many each server got, failed ones included
 * @param firstPercentBySecond the share of the first server in the calls of each second, from the start of the run
 * @param firstPercentAfterPauses the share of the first server in the calls that are due while clients pause or in the 300 ms
 *     after; 0 without pauses
 * @param newcomers the servers that came after the warm-up and were there for a second
 */
record Result(
        int calls,
        int errors,
        double p50Millis,
        double p99Millis,
        double p999Millis,
        Map<String, Integer> callsPerServer,
        List<Double> firstPercentBySecond,
        double firstPercentAfterPauses,
        List<Newcomer> newcomers) {

    /**
     * A server that came in the course of a run.
     *
     * @param speed 1 is usual
     * @param calls it got in its first second
     */
    record Newcomer(double speed, int calls) {}

    private static final String FIRST = "s0";

    double errorPercent() {
        return calls == 0 ? 0 : 100.0 * errors / calls;
    }

    /** The share of all calls that a server got. */
    double sharePercent(String server) {
        return 100.0 * callsPerServer.getOrDefault(server, 0) / calls;
    }

    /** Takes the calls one by one. */
    static final class Collector {
        private final Map<String, Integer> callsPerServer = new HashMap<>();
        private long[] latencies = new long[1 << 16];
        private int successes;
        private int errors;
        private final List<Newcomer> newcomers = new ArrayList<>();
        private final int[] callsBySecond;
        private final int[] firstBySecond;
        private int callsAfterPauses;
        private int firstAfterPauses;

        Collector(long endNanos) {
            callsBySecond = new int[(int) (endNanos / Scenario.SECOND)];
            firstBySecond = new int[callsBySecond.length];
        }

        void add(long startNanos, boolean afterPause, String server, Outcome outcome, long latencyNanos) {
            boolean first = server.equals(FIRST);
            if (afterPause) {
                callsAfterPauses++;
                firstAfterPauses += first ? 1 : 0;
            }
            callsPerServer.merge(server, 1, Integer::sum);
            int second = (int) (startNanos / Scenario.SECOND);
            callsBySecond[second]++;
            if (first) {
                firstBySecond[second]++;
            }
            if (outcome != Outcome.SUCCESS) {
                errors++;
                return;
            }
            if (successes == latencies.length) {
                latencies = Arrays.copyOf(latencies, 2 * successes);
            }
            latencies[successes++] = latencyNanos;
        }

        void add(Newcomer newcomer) {
            newcomers.add(newcomer);
        }

        Result result() {
            long[] sorted = Arrays.copyOf(latencies, successes);
            Arrays.sort(sorted);
            return new Result(
                    successes + errors,
                    errors,
                    millis(sorted, 0.5),
                    millis(sorted, 0.99),
                    millis(sorted, 0.999),
                    Map.copyOf(callsPerServer),
                    IntStream.range(0, callsBySecond.length)
                            .mapToObj(second -> 100.0 * firstBySecond[second] / Math.max(1, callsBySecond[second]))
                            .toList(),
                    100.0 * firstAfterPauses / Math.max(1, callsAfterPauses),
                    List.copyOf(newcomers));
        }

        private static double millis(long[] sorted, double share) {
            return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))] / 1e6;
        }
    }
}
