package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.discovery.Discoveries;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.time.Duration;
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

    private static final long AFTER_PAUSE_NANOS = 300_000_000;
    private static final int PREQUALS_POLLS_PER_SECOND = 20;

    private final Scenario scenario;
    private final Simulator simulator = new Simulator(Scenario.TIMEOUT_NANOS);
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final List<Client> clients = new ArrayList<>();
    private final Result.Collector collector;
    private final SplittableRandom arrivals;
    private final SplittableRandom work;
    private final SplittableRandom faults;
    private final double callsPerSecond;
    /** The clients' list. They have its elements in common: a thousand clients of ten thousand servers would make ten million. */
    private final Map<String, Backend> backends = new LinkedHashMap<>();

    private List<Backend> list;
    /** Whether the clients pause, or have done so until shortly before. */
    private boolean pausing;

    private final List<BackendDiscovery.Receiver> receivers = new ArrayList<>();

    /** Makes servers, clients and their pools. */
    Run(Scenario scenario, Policy policy, long seed) {
        this.scenario = scenario;
        callsPerSecond = scenario.callsPerSecond();
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
            backends.put(id, backend(id));
        }
        list = List.copyOf(backends.values());
        LoadBalancingStrategy strategy = policy.strategy().apply(this);
        for (int i = 0; i < scenario.clients(); i++) {
            ClientProcess process = new ClientProcess(simulator);
            LoadBalancer pool = pool(policy, strategy, i, process, seeds.split());
            boolean reports = policy.reports() == Policy.Reports.IN_RESPONSES;
            clients.add(new Client(process, pool, servers, scenario.retries(), reports));
        }
    }

    static Result of(Scenario scenario, Policy policy, long seed) {
        return new Run(scenario, policy, seed).run();
    }

    private LoadBalancer pool(
            Policy policy, LoadBalancingStrategy strategy, int client, ClientProcess process, RandomGenerator random) {
        LoadBalancerBuilder builder = LoadBalancers.builder("servers")
                .discovery(
                        policy.subset() == Policy.ALL
                                ? this::list
                                : Discoveries.subset(this::list, policy.subset(), "client-" + client))
                .strategy(strategy)
                .timeSource(simulator)
                .scheduler(process)
                .random(random);
        if (policy.guard() == Policy.Guard.NONE) {
            builder.circuitBreaker(BreakerPolicy.off()).outlierDetection(OutlierDetectors.none());
        }
        if (policy.reports() == Policy.Reports.POLLED) {
            builder.loadReports(LoadReportPolicy.of(LoadReportSource.of(this::report))
                    .withInterval(Duration.ofMillis(1))
                    .withMaxPerSecond(PREQUALS_POLLS_PER_SECOND));
        }
        return builder.build();
    }

    /** What a server says, at once and at no cost: as one whose answer to a poll does not wait in its queue. */
    private LoadReport report(Backend backend) {
        Server server = server(backend.id());
        if (server.refuses()) {
            throw new IllegalStateException(backend.id() + " refuses");
        }
        return LoadReport.builder()
                .metric(LoadReport.IN_FLIGHT, server.present())
                .build();
    }

    /** The discovery of every client. */
    private BackendDiscovery.Watch list(BackendDiscovery.Receiver receiver) {
        receivers.add(receiver);
        receiver.backends(list);
        return () -> receivers.remove(receiver);
    }

    private static Backend backend(String id) {
        return Backend.builder("http://" + id + ":8080").id(id).build();
    }

    /** Runs it to its end, and closes the pools. */
    Result run() {
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
        boolean measured = nowNanos >= scenario.warmUpNanos();
        boolean afterPause = pausing;
        client.call(nextWorkNanos(), (server, outcome, latencyNanos) -> {
            if (measured) {
                collector.add(nowNanos, afterPause, server, outcome, latencyNanos);
            }
        });
        simulator.after((long) (arrivals.nextExponential() / callsPerSecond * 1e9), this::nextCall);
    }

    /** Log-normal. */
    private double nextWorkNanos() {
        double sigma = scenario.workSigma();
        return Scenario.MEAN_WORK_NANOS * Math.exp(sigma * work.nextGaussian() - sigma * sigma / 2);
    }

    Simulator simulator() {
        return simulator;
    }

    /** The randomness of faults, apart from that of calls. */
    RandomGenerator faults() {
        return faults;
    }

    /** Calls before are not measured. */
    long warmUpNanos() {
        return scenario.warmUpNanos();
    }

    /** When no further call begins. */
    long endNanos() {
        return scenario.endNanos();
    }

    /** Lets all clients stand still for a while. */
    void pauseClients(long fromNanos, long pauseNanos) {
        simulator.at(fromNanos, () -> {
            pausing = true;
            clients.forEach(Client::pause);
        });
        simulator.at(fromNanos + pauseNanos, () -> clients.forEach(Client::resume));
        simulator.at(fromNanos + pauseNanos + AFTER_PAUSE_NANOS, () -> pausing = false);
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
        backends.remove(server.id);
        tell();
    }

    /** Puts a server on every client's list. */
    void add(Server server) {
        join(server);
        tell();
    }

    /** Puts one server in the place of another on every client's list. */
    void exchange(Server old, Server successor) {
        backends.remove(old.id);
        join(successor);
        tell();
    }

    private void join(Server server) {
        backends.put(server.id, backend(server.id));
        long nowNanos = simulator.nanoTime();
        if (nowNanos >= scenario.warmUpNanos() && nowNanos + Scenario.SECOND <= endNanos()) {
            simulator.after(
                    Scenario.SECOND,
                    () -> collector.add(new Result.Newcomer(server.nominalSpeed(), server.accepted())));
        }
    }

    private void tell() {
        list = List.copyOf(backends.values());
        receivers.forEach(receiver -> receiver.backends(list));
    }
}
