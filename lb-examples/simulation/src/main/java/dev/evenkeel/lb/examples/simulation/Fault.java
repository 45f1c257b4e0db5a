package dev.evenkeel.lb.examples.simulation;

import static dev.evenkeel.lb.examples.simulation.Scenario.FAULT_BEGIN_NANOS;
import static dev.evenkeel.lb.examples.simulation.Scenario.FAULT_END_NANOS;
import static dev.evenkeel.lb.examples.simulation.Scenario.SECOND;

import dev.evenkeel.lb.Outcome;
import java.util.function.Consumer;

/** Something that befalls the servers in the course of a run. */
@FunctionalInterface
interface Fault {
    /** From one {@link #exchanges exchange} to the next. */
    long EXCHANGE_NANOS = SECOND / 4;

    /** Plans it. */
    void plan(Run run);

    /**
     * Every server is 10 times slower for 2 s in each 20 s, one after the other: as many at any time, a tenth of them. With
     * phases of chance up to a quarter of them would be at once, and even an omniscient policy would be at its limit.
     */
    static Fault stalls() {
        return run -> {
            long interval = 20 * SECOND / run.servers().size();
            long phase = run.faults().nextLong(interval);
            for (Server server : run.servers()) {
                for (long at = phase; at < run.endNanos(); at += 20 * SECOND) {
                    run.simulator().at(at, () -> server.slowDown(10));
                    run.simulator().at(at + 2 * SECOND, () -> server.slowDown(1));
                }
                phase += interval;
            }
        };
    }

    /** One server answers 500 in 1 ms. */
    static Fault failsFast(int index) {
        return failsFast(index, FAULT_BEGIN_NANOS, FAULT_END_NANOS);
    }

    /** One server answers 500 in 1 ms for a given time. */
    static Fault failsFast(int index, long beginNanos, long endNanos) {
        return during(index, beginNanos, endNanos, server -> server.refuse(Outcome.SERVER_ERROR));
    }

    /** Every client stands still for so long every 5 s, from the warm-up on. */
    static Fault clientPauses(long pauseNanos) {
        return run -> {
            for (long at = run.warmUpNanos(); at < run.endNanos(); at += Scenario.PAUSE_INTERVAL_NANOS) {
                run.pauseClients(at, pauseNanos);
            }
        };
    }

    /** One server loses what it has and refuses connections. */
    static Fault crashes(int index) {
        return during(index, Server::crash);
    }

    /** One server takes so many times as long. */
    static Fault slow(int index, double factor) {
        return during(index, server -> server.slowDown(factor));
    }

    /** One server takes requests and does not answer; afterwards it works off what it has. */
    static Fault hangs(int index) {
        return during(index, server -> server.slowDown(Double.POSITIVE_INFINITY));
    }

    /**
     * Every 2 s one server is taken off the list; 1 s later another comes in its place under a new address, cold: 5 times
     * slower for 3 s.
     */
    static Fault rollingRestart() {
        return run -> {
            long at = Scenario.WARM_UP_NANOS;
            for (Server old : run.servers()) {
                run.simulator().at(at, () -> run.remove(old));
                run.simulator().at(at + SECOND, () -> {
                    Server cold = run.successor(old);
                    cold.slowDown(5);
                    run.add(cold);
                    run.simulator().after(3 * SECOND, () -> cold.slowDown(1));
                });
                at += 2 * SECOND;
            }
        };
    }

    /** After the warm-up, four times a second, one server leaves and another one comes in its place. */
    static Fault exchanges() {
        return run -> {
            long at = run.warmUpNanos();
            for (Server old : run.servers()) {
                if (at >= run.endNanos()) {
                    return;
                }
                run.simulator().at(at, () -> run.exchange(old, run.successor(old)));
                at += EXCHANGE_NANOS;
            }
        };
    }

    private static Fault during(int index, Consumer<Server> begin) {
        return during(index, FAULT_BEGIN_NANOS, FAULT_END_NANOS, begin);
    }

    private static Fault during(int index, long beginNanos, long endNanos, Consumer<Server> begin) {
        return run -> {
            Server server = run.servers().get(index);
            run.simulator().at(beginNanos, () -> begin.accept(server));
            run.simulator().at(endNanos, server::recover);
        };
    }
}
