package dev.evenkeel.lb.benchmarks.subject;

import static dev.evenkeel.lb.benchmarks.subject.Kind.HASH;
import static dev.evenkeel.lb.benchmarks.subject.Kind.LATENCY;
import static dev.evenkeel.lb.benchmarks.subject.Kind.LOAD;
import static dev.evenkeel.lb.benchmarks.subject.Kind.OTHER;
import static dev.evenkeel.lb.benchmarks.subject.Kind.RANDOM;
import static dev.evenkeel.lb.benchmarks.subject.Kind.ROTATION;
import static dev.evenkeel.lb.benchmarks.subject.Kind.WEIGHTED;
import static dev.evenkeel.lb.benchmarks.subject.Mode.BUSY;
import static dev.evenkeel.lb.benchmarks.subject.Mode.CALL;
import static dev.evenkeel.lb.benchmarks.subject.Mode.PICK;

import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** Everything that is measured: every strategy of {@link Strategies}, in every mode, and what it is compared with. */
public final class Catalogue {
    private static final List<Entry> ENTRIES = new ArrayList<>();

    static {
        floor(ROTATION, PICK, "rotation", FloorSubjects::rotation);
        evenkeel(ROTATION);
        unseen(ROTATION, "roundRobin");
        peer(ROTATION, PICK, "armeria", "roundRobin", ArmeriaSubjects::roundRobin);
        peer(ROTATION, PICK, "grpc", "round_robin", GrpcSubjects::roundRobin);
        peer(ROTATION, PICK, "ribbon", "RoundRobinRule", RibbonSubjects::roundRobin);
        peer(ROTATION, PICK, "spring", "RoundRobinLoadBalancer", SpringSubjects::roundRobin);
        peer(ROTATION, PICK, "stork", "round-robin", StorkSubjects::roundRobin);

        floor(WEIGHTED, PICK, "expandedRotation", FloorSubjects::expandedRotation);
        evenkeel(WEIGHTED);
        unseen(WEIGHTED, "weightedRoundRobin");
        peer(WEIGHTED, PICK, "armeria", "weightedRoundRobin", ArmeriaSubjects::weightedRoundRobin);
        peer(WEIGHTED, PICK, "armeria", "rampingUp", ArmeriaSubjects::rampingUp);
        peer(WEIGHTED, PICK, "grpc", "weighted_round_robin", GrpcSubjects::weightedRoundRobin);
        peer(WEIGHTED, PICK, "spring", "weighted", SpringSubjects::weighted);

        floor(RANDOM, PICK, "random", FloorSubjects::random);
        evenkeel(RANDOM);
        unseen(RANDOM, "random");
        peer(RANDOM, PICK, "ribbon", "RandomRule", RibbonSubjects::random);
        peer(RANDOM, PICK, "spring", "RandomLoadBalancer", SpringSubjects::random);
        peer(RANDOM, PICK, "stork", "random", StorkSubjects::random);

        floor(HASH, PICK, "modulo", FloorSubjects::modulo);
        evenkeel(HASH);
        evenkeel(HASH, "ring", Strategies.consistentHash().ring());
        evenkeel(HASH, "rendezvous", Strategies.consistentHash().rendezvous());
        evenkeel(HASH, "boundedLoad", Strategies.consistentHash().loadFactor(1.25));
        peer(HASH, PICK, "armeria", "sticky", ArmeriaSubjects::sticky);
        peer(HASH, PICK, "grpc", "ring_hash", GrpcSubjects::ringHash);

        floor(LOAD, PICK, "bestOfTwo", FloorSubjects::bestOfTwo);
        floor(LOAD, CALL, "bestOfTwo", FloorSubjects::bestOfTwoCounted);
        ENTRIES.add(new Entry(
                LOAD,
                CALL,
                Entry.EVENKEEL,
                "powerOfTwoCounted",
                n -> EvenkeelSubjects.counted(Strategies.powerOfTwo(), n)));
        evenkeel(LOAD);
        peer(LOAD, CALL, "finagle", "p2c", FinagleSubjects::leastLoadedOfTwo);
        peer(LOAD, PICK, "grpc", "least_request", GrpcSubjects::leastRequest);
        peer(LOAD, CALL, "grpc", "least_request", GrpcSubjects::leastRequestCounted);
        peer(LOAD, PICK, "ribbon", "BestAvailableRule", RibbonSubjects::bestAvailable);
        peer(LOAD, CALL, "ribbon", "BestAvailableRule", RibbonSubjects::bestAvailableCounted);
        peer(LOAD, CALL, "stork", "least-requests", StorkSubjects::leastRequests);
        peer(LOAD, CALL, "stork", "power-of-two-choices", StorkSubjects::powerOfTwoChoices);

        floor(LATENCY, CALL, "peakEwmaOfTwo", FloorSubjects::peakEwmaOfTwo);
        evenkeel(LATENCY);
        peer(LATENCY, CALL, "finagle", "p2cPeakEwma", FinagleSubjects::peakEwmaOfTwo);
        peer(LATENCY, PICK, "ribbon", "WeightedResponseTimeRule", RibbonSubjects::weightedResponseTime);
        peer(LATENCY, CALL, "ribbon", "WeightedResponseTimeRule", RibbonSubjects::weightedResponseTimeCounted);
        peer(LATENCY, CALL, "stork", "least-response-time", StorkSubjects::leastResponseTime);

        evenkeel(OTHER);
    }

    private Catalogue() {}

    /** All, in the order of the tables. */
    public static List<Entry> entries() {
        return List.copyOf(ENTRIES);
    }

    /** The one of an id. */
    public static Entry entry(String id) {
        return ENTRIES.stream()
                .filter(entry -> entry.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no entry \"" + id + "\"; there are "
                        + ENTRIES.stream().map(Entry::id).toList()));
    }

    /** Adds our strategies of a kind, in every mode. */
    private static void evenkeel(Kind kind) {
        for (String name : Strategies.names()) {
            if (kindOf(name) == kind) {
                evenkeel(kind, name, Strategies.byName(name));
            }
        }
    }

    private static void evenkeel(Kind kind, String name, LoadBalancingStrategy strategy) {
        boolean weighted = kind == WEIGHTED;
        evenkeel(kind, PICK, name, n -> EvenkeelSubjects.pick(strategy, n, weighted));
        evenkeel(kind, CALL, name, n -> EvenkeelSubjects.call(strategy, n, weighted));
        evenkeel(kind, BUSY, name, n -> EvenkeelSubjects.busy(strategy, n, weighted));
    }

    /** As peers pick that return a backend without a look at it. */
    private static void unseen(Kind kind, String name) {
        evenkeel(
                kind,
                PICK,
                name + "Unseen",
                n -> EvenkeelSubjects.pickUnseen(Strategies.byName(name), n, kind == WEIGHTED));
    }

    private static Kind kindOf(String strategy) {
        return switch (strategy) {
            case "roundRobin" -> ROTATION;
            case "weightedRoundRobin" -> WEIGHTED;
            case "random" -> RANDOM;
            case "leastConnections", "weightedLeastConnections", "powerOfTwo" -> LOAD;
            case "adaptive", "leastResponseTime" -> LATENCY;
            default -> strategy.toLowerCase(Locale.ROOT).contains("hash") ? HASH : OTHER;
        };
    }

    private static void evenkeel(Kind kind, Mode mode, String name, IntFunction<Subject> maker) {
        ENTRIES.add(new Entry(kind, mode, Entry.EVENKEEL, name, maker));
    }

    private static void floor(Kind kind, Mode mode, String name, IntFunction<Subject> maker) {
        ENTRIES.add(new Entry(kind, mode, Entry.FLOOR, name, maker));
    }

    private static void peer(Kind kind, Mode mode, String owner, String name, IntFunction<Subject> maker) {
        ENTRIES.add(new Entry(kind, mode, owner, name, maker));
    }
}
