package dev.evenkeel.lb.examples.simulation;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What happens, whatever the policy.
 *
 * @param name the column of the report
 * @param clients how many clients, each with a pool of its own
 * @param speeds one entry a server; 1 is usual
 * @param load the share of the servers' capacity that is asked for
 * @param workSigma of the logarithm of a call's work
 * @param retries whether clients retry failed calls
 * @param warmUpNanos calls before are not measured
 * @param endNanos when no further call begins
 * @param faults what befalls the servers
 */
record Scenario(
        String name,
        int clients,
        List<Double> speeds,
        double load,
        double workSigma,
        boolean retries,
        long warmUpNanos,
        long endNanos,
        List<Fault> faults) {

    static final long SECOND = 1_000_000_000L;

    static final int WORKERS = 4;
    static final double MEAN_WORK_NANOS = 10e6;
    /** Makes the 99th percentile of the work 6.2 times its mean. */
    static final double WORK_SIGMA = 1;

    static final long TIMEOUT_NANOS = SECOND;
    static final long WARM_UP_NANOS = 5 * SECOND;
    static final long END_NANOS = 45 * SECOND;
    /** Faults that begin and end do so here: for 45 % of the time measured. */
    static final long FAULT_BEGIN_NANOS = 15 * SECOND;

    static final long FAULT_END_NANOS = 33 * SECOND;

    /** From the beginning of one client pause to that of the next. */
    static final long PAUSE_INTERVAL_NANOS = 5 * SECOND;

    /** The pause that a scenario's name does not tell. */
    static final long USUAL_PAUSE_NANOS = 100_000_000;

    private static final int SERVERS = 20;
    private static final double LOAD = 0.7;

    /** The columns of the table. */
    static List<Scenario> table(int clients) {
        return List.of(
                even("homogeneous", clients),
                uneven("speeds 0.5–2", clients),
                even("stalls", clients, Fault.stalls()),
                even("fail-fast", clients, Fault.failsFast(0)),
                even("crash of 2", clients, Fault.crashes(0), Fault.crashes(1)),
                even("hang", clients, Fault.hangs(0)),
                even("rolling restart", clients, Fault.rollingRestart()),
                allAtOnce(clients));
    }

    private static Scenario allAtOnce(int clients) {
        return uneven("all at once", clients, Fault.stalls(), Fault.failsFast(0), Fault.crashes(1), Fault.hangs(2));
    }

    /** The columns for many clients: the servers and calls are those of the table, so each client makes few of the calls. */
    static List<Scenario> manyClients(int clients) {
        return Stream.of(
                        even("stalls", clients, Fault.stalls()),
                        even("rolling restart", clients, Fault.rollingRestart()),
                        allAtOnce(clients))
                .map(scenario -> scenario.named(manyClients(scenario.name(), clients)))
                .toList();
    }

    /** The name of one of the scenarios for many clients. */
    static String manyClients(String name, int clients) {
        return String.format(Locale.ROOT, "%s, %,d clients", name, clients);
    }

    /**
     * Half of the servers fail fast from second 25 to 45, so the other half is asked for 140 % of what it can do. Clients
     * retry.
     */
    static Scenario brownOut(int clients) {
        Fault[] faults = IntStream.range(0, SERVERS / 2)
                .mapToObj(index -> Fault.failsFast(index, 25 * SECOND, 45 * SECOND))
                .toArray(Fault[]::new);
        return even("brown-out", clients, faults).retrying().until(50 * SECOND);
    }

    /**
     * One client of four servers of 10 ms and one of 100 ms. The process of the client stands still for a while every 5 s, as
     * in a garbage collection.
     */
    static Scenario clientPauses(double callsPerSecond, long pauseNanos) {
        List<Double> speeds = List.of(0.1, 1.0, 1.0, 1.0, 1.0);
        return new Scenario(
                pauseNanos == USUAL_PAUSE_NANOS
                        ? String.format(Locale.ROOT, "client pauses, %.0f calls/s", callsPerSecond)
                        : String.format(
                                Locale.ROOT,
                                "client pauses of %d ms, %.0f calls/s",
                                pauseNanos / 1_000_000,
                                callsPerSecond),
                1,
                speeds,
                callsPerSecond / capacity(speeds),
                0.3,
                false,
                WARM_UP_NANOS,
                65 * SECOND,
                pauseNanos == 0 ? List.of() : List.of(Fault.clientPauses(pauseNanos)));
    }

    static Scenario even(String name, int clients, Fault... faults) {
        return of(name, clients, Collections.nCopies(SERVERS, 1.0), WARM_UP_NANOS, END_NANOS, faults);
    }

    private static Scenario of(
            String name, int clients, List<Double> speeds, long warmUpNanos, long endNanos, Fault... faults) {
        return new Scenario(name, clients, speeds, LOAD, WORK_SIGMA, false, warmUpNanos, endNanos, List.of(faults));
    }

    private Scenario named(String otherName) {
        return new Scenario(otherName, clients, speeds, load, workSigma, retries, warmUpNanos, endNanos, faults);
    }

    Scenario retrying() {
        return new Scenario(name, clients, speeds, load, workSigma, true, warmUpNanos, endNanos, faults);
    }

    /** The same for a shorter or longer time. */
    Scenario until(long otherEndNanos) {
        return new Scenario(name, clients, speeds, load, workSigma, retries, warmUpNanos, otherEndNanos, faults);
    }

    /** Of four servers one is half as fast as usual and one twice. */
    static Scenario uneven(String name, int clients, Fault... faults) {
        return of(name, clients, mixed(SERVERS), WARM_UP_NANOS, END_NANOS, faults);
    }

    /** Many servers of mixed speeds with stalls. */
    static Scenario scale(int clients) {
        return of(
                "200 servers, " + clients + " clients", clients, mixed(200), WARM_UP_NANOS, END_NANOS, Fault.stalls());
    }

    /** Clients of many servers, of which some are exchanged; the calls of 2 s are measured, after 3 s of warm-up. */
    static Scenario fleet(int clients, int servers) {
        return of(
                String.format(Locale.ROOT, "%,d servers, %,d clients", servers, clients),
                clients,
                mixed(servers),
                3 * SECOND,
                5 * SECOND,
                Fault.exchanges());
    }

    private static List<Double> mixed(int servers) {
        Double[] speeds = new Double[servers];
        for (int i = 0; i < servers; i++) {
            speeds[i] = i % 4 == 0 ? 0.5 : i % 4 == 3 ? 2.0 : 1.0;
        }
        return List.of(speeds);
    }

    double callsPerSecond() {
        return load * capacity(speeds);
    }

    /** In calls per second. */
    private static double capacity(List<Double> speeds) {
        return speeds.stream().mapToDouble(Double::doubleValue).sum() * WORKERS / (MEAN_WORK_NANOS / 1e9);
    }
}
