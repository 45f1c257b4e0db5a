package dev.evenkeel.lb.examples.simulation;

import java.util.Collections;
import java.util.List;

/**
 * What happens, whatever the policy.
 *
 * @param name the column of the report
 * @param clients how many clients, each with a pool of its own
 * @param speeds one entry a server; 1 is usual
 * @param load the share of the servers' capacity that is asked for
 * @param endNanos when no further call begins
 * @param faults what befalls the servers
 */
record Scenario(String name, int clients, List<Double> speeds, double load, long endNanos, List<Fault> faults) {

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
                uneven("all at once", clients, Fault.stalls(), Fault.failsFast(0), Fault.crashes(1), Fault.hangs(2)));
    }

    static Scenario even(String name, int clients, Fault... faults) {
        return new Scenario(name, clients, Collections.nCopies(SERVERS, 1.0), LOAD, END_NANOS, List.of(faults));
    }

    /** The same for a shorter or longer time. */
    Scenario until(long endNanos) {
        return new Scenario(name, clients, speeds, load, endNanos, faults);
    }

    /** Of four servers one is half as fast as usual and one twice. */
    static Scenario uneven(String name, int clients, Fault... faults) {
        return new Scenario(name, clients, mixed(SERVERS), LOAD, END_NANOS, List.of(faults));
    }

    /** Many servers of mixed speeds with stalls. */
    static Scenario scale(int clients) {
        return new Scenario(
                "200 servers, " + clients + " clients", clients, mixed(200), LOAD, END_NANOS, List.of(Fault.stalls()));
    }

    /** A thousand clients of ten thousand servers, of which one is exchanged each second; some minutes and 6 GB. */
    static Scenario fleet() {
        return new Scenario(
                "10,000 servers, 1,000 clients", 1_000, mixed(10_000), LOAD, 10 * SECOND, List.of(Fault.exchanges()));
    }

    private static List<Double> mixed(int servers) {
        Double[] speeds = new Double[servers];
        for (int i = 0; i < servers; i++) {
            speeds[i] = i % 4 == 0 ? 0.5 : i % 4 == 3 ? 2.0 : 1.0;
        }
        return List.of(speeds);
    }

    double callsPerSecond() {
        return load * speeds.stream().mapToDouble(Double::doubleValue).sum() * WORKERS / (MEAN_WORK_NANOS / 1e9);
    }
}
