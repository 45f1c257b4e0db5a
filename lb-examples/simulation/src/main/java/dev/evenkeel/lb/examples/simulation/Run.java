package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One policy in one scenario. Runs with one seed see the same calls with the same work and the same faults, whatever the
 * policy.
 */
final class Run {

    private final Scenario scenario;
    private final Simulator simulator = new Simulator();
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final List<Client> clients = new ArrayList<>();
    private final Result.Collector collector;
    private final SplittableRandom arrivals;
    private final SplittableRandom work;
    private final SplittableRandom faults;

    private Run(Scenario scenario, Policy policy, long seed) {
        this.scenario = scenario;
        collector = new Result.Collector(scenario.endNanos());
        SplittableRandom seeds = new SplittableRandom(seed);
        arrivals = seeds.split();
        work = seeds.split();
        faults = seeds.split();
        for (int i = 0; i < scenario.speeds().size(); i++) {
            String id = "s" + i;
            servers.put(
                    id,
                    new Server(
                            id, simulator, Scenario.WORKERS, scenario.speeds().get(i)));
        }
        LoadBalancingStrategy strategy = policy.strategy().apply(this);
        for (int i = 0; i < scenario.clients(); i++) {
            clients.add(new Client(
                    simulator, pool(strategy, policy.guard(), seeds.split()), servers, Scenario.TIMEOUT_NANOS));
        }
    }

    static Result of(Scenario scenario, Policy policy, long seed) {
        return new Run(scenario, policy, seed).run();
    }

    private LoadBalancer pool(LoadBalancingStrategy strategy, Policy.Guard guard, RandomGenerator random) {
        LoadBalancerBuilder builder = LoadBalancers.builder("servers")
                .backends(servers.keySet().stream().map(Run::backend).toList())
                .strategy(strategy)
                .timeSource(simulator)
                .scheduler(simulator)
                .random(random);
        if (guard == Policy.Guard.NONE) {
            builder.circuitBreaker(BreakerPolicy.off()).outlierDetection(OutlierDetectors.none());
        }
        return builder.build();
    }

    private static Backend backend(String id) {
        return Backend.builder("http://" + id + ":8080").id(id).build();
    }

    private Result run() {
        scenario.faults().forEach(fault -> fault.plan(this));
        simulator.at(0, this::nextCall);
        simulator.runUntil(scenario.endNanos() + 2 * Scenario.TIMEOUT_NANOS);
        clients.forEach(client -> client.pool.close());
        return collector.result();
    }

    private void nextCall() {
        long nowNanos = simulator.nanoTime();
        if (nowNanos >= scenario.endNanos()) {
            return;
        }
        Client client = clients.get(arrivals.nextInt(clients.size()));
        boolean measured = nowNanos >= Scenario.WARM_UP_NANOS;
        client.call(nextWorkNanos(), (server, outcome, latencyNanos) -> {
            if (measured) {
                collector.add(nowNanos, server, outcome, latencyNanos);
            }
        });
        simulator.after((long) (arrivals.nextExponential() / scenario.callsPerSecond() * 1e9), this::nextCall);
    }

    /** Log-normal. */
    private double nextWorkNanos() {
        double sigma = Scenario.WORK_SIGMA;
        return Scenario.MEAN_WORK_NANOS * Math.exp(sigma * work.nextGaussian() - sigma * sigma / 2);
    }

    Simulator simulator() {
        return simulator;
    }

    /** The randomness of faults, apart from that of calls. */
    RandomGenerator faults() {
        return faults;
    }

    /** When no further call begins. */
    long endNanos() {
        return scenario.endNanos();
    }

    /** All there are, in order. */
    List<Server> servers() {
        return List.copyOf(servers.values());
    }

    Server server(String id) {
        Server server = servers.get(id);
        if (server == null) {
            throw new IllegalArgumentException("no server is named \"" + id + "\"; there are " + servers.keySet());
        }
        return server;
    }

    /** A new server as fast as an old one, under another name. */
    Server successor(Server old) {
        Server successor = new Server(old.id + "'", simulator, Scenario.WORKERS, old.nominalSpeed());
        servers.put(successor.id, successor);
        return successor;
    }

    /** Takes a server off every client's list. */
    void remove(Server server) {
        clients.forEach(client -> client.pool.registry().remove(server.id));
    }

    /** Puts a server on every client's list. */
    void add(Server server) {
        clients.forEach(client -> client.pool.registry().add(backend(server.id)));
    }
}
