package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import java.util.Map;

/** One process with a pool of its own, which knows nothing of the other clients. It does not retry. */
final class Client {

    final LoadBalancer pool;

    private final Simulator simulator;
    private final Map<String, Server> servers;

    Client(Simulator simulator, LoadBalancer pool, Map<String, Server> servers) {
        this.simulator = simulator;
        this.pool = pool;
        this.servers = servers;
    }

    /** Learns how a call ended. */
    @FunctionalInterface
    interface Caller {
        void ended(String server, Outcome outcome, long latencyNanos);
    }

    void call(double workNanos, Caller caller) {
        PickResult result = pool.acquire(RequestContext.NONE);
        if (!(result instanceof Lease lease)) {
            caller.ended("none", Outcome.NEVER_SENT, 0);
            return;
        }
        String id = lease.backend().id();
        Server server = servers.get(id);
        if (server == null) {
            throw new IllegalStateException("no server is named \"" + id + "\"; there are " + servers.keySet());
        }
        Attempt attempt = new Attempt(lease, caller);
        server.accept(workNanos, attempt::end);
    }

    private final class Attempt {
        private final Lease lease;
        private final Caller caller;
        private final long startNanos = simulator.nanoTime();
        private final Simulator.Event timeout = simulator.timeout(() -> end(Outcome.TIMED_OUT));

        Attempt(Lease lease, Caller caller) {
            this.lease = lease;
            this.caller = caller;
        }

        /** What comes after the timeout comes too late. */
        void end(Outcome outcome) {
            if (lease.complete(outcome)) {
                timeout.cancel();
                caller.ended(lease.backend().id(), outcome, simulator.nanoTime() - startNanos);
            }
        }
    }
}
