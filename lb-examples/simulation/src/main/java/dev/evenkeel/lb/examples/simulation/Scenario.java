package dev.evenkeel.lb.examples.simulation;

import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What happens, whatever the policy.
 *
 * @param name the column of the report
 * @param clients how many clients, each with a pool of its own
 * @param speeds one entry a server; 1 is usual
 * @param load the share of the servers' capacity that is asked for
 * @param warmUpNanos calls before are not measured
 * @param endNanos when no further call begins
 * @param faults what befalls the servers
 */
record Scenario(
        String name,
        int clients,
        List<Double> speeds,
        double load,
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
        return new Scenario(
                name, clients, Collections.nCopies(SERVERS, 1.0), LOAD, WARM_UP_NANOS, END_NANOS, List.of(faults));
    }

    /** The same for a shorter or longer time. */
    Scenario until(long endNanos) {
        return new Scenario(name, clients, speeds, load, warmUpNanos, endNanos, faults);
    }

    /** Of four servers one is half as fast as usual and one twice. */
    static Scenario uneven(String name, int clients, Fault... faults) {
        return new Scenario(name, clients, mixed(SERVERS), LOAD, WARM_UP_NANOS, END_NANOS, List.of(faults));
    }

    /** Many servers of mixed speeds with stalls. */
    static Scenario scale(int clients) {
        return new Scenario(
                "200 servers, " + clients + " clients",
                clients,
                mixed(200),
                LOAD,
                WARM_UP_NANOS,
                END_NANOS,
                List.of(Fault.stalls()));
    }

    /** Clients of many servers, of which some are exchanged; the calls of 2 s are measured, after 3 s of warm-up. */
    static Scenario fleet(int clients, int servers) {
        return new Scenario(
                String.format(Locale.ROOT, "%,d servers, %,d clients", servers, clients),
                clients,
                mixed(servers),
                LOAD,
                3 * SECOND,
                5 * SECOND,
                List.of(Fault.exchanges()));
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
