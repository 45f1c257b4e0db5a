package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.pool.Pool;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot that was made by looking at a few backends is the one that a look at all of them makes. */
class SnapshotBuilderTest {
    private static final List<String> STRATEGIES = List.of(
            "adaptive",
            "roundRobin",
            "weightedRoundRobin",
            "leastConnections",
            "weightedLeastConnections",
            "powerOfTwo",
            "consistentHash",
            "leastResponseTime");
    private static final int STEPS = 120;

    private final PoolFixture fixture = new PoolFixture();
    private final Map<String, HealthResult> health = new ConcurrentHashMap<>();
    private final List<Lease> held = new ArrayList<>();
    private Random random = new Random(0);
    private int nextId;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void changesOfAnyKind_leaveWhatALookAtAllWouldMake(int strategy) {
        compare(strategy, 0, 3);
    }

    @ParameterizedTest
    @Tag("soak")
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void manyChangesOfAnyKind_leaveWhatALookAtAllWouldMake(int strategy) {
        compare(strategy, 3, 60);
    }

    private void compare(int strategy, int from, int to) {
        for (int round = from; round < to; round++) {
            random = new Random(strategy * 1_000L + round);
            health.clear();
            held.clear();
            try (Pool pool = (Pool) builder(STRATEGIES.get(strategy)).build()) {
                for (int step = 0; step < STEPS; step++) {
                    String change = change(pool);
                    String where = STRATEGIES.get(strategy) + ", round " + round + ", step " + step + ": " + change;
                    String amended = describe(pool);
                    // What ramps up depends on the time, too, and is always looked at with all others.
                    boolean ramping = pool.current().all().stream()
                            .anyMatch(node -> node.ramp().isRamping());
                    pool.reload(pool.config());
                    if (!ramping) {
                        assertThat(amended).as(where).isEqualTo(describe(pool));
                    }
                    if (!refuses(pool)) {
                        assertThat(reached(pool)).as(where).isEqualTo(open(pool));
                    }
                }
            }
        }
    }

    /** Each picker of a large pool holds all backends: one for each that is out would fill the memory in an outage. */
    @Test
    void backendsThatAreOut_keepNoFormerPicker() {
        String[] uris =
                IntStream.range(0, 40).mapToObj(i -> "http://b" + i + ".test").toArray(String[]::new);
        try (Pool pool = (Pool) fixture.builder(uris).build()) {
            List<String> ids = pool.snapshot().backends().stream()
                    .map(status -> status.backend().id())
                    .toList();
            for (int i = 0; i < 30; i++) {
                switch (i % 3) {
                    case 0 -> pool.registry().maintenance(ids.get(i));
                    case 1 -> pool.registry().drain(ids.get(i), Duration.ofMinutes(1));
                    default -> pool.registry().remove(ids.get(i));
                }
            }
            assertThat(pool.current().all().stream().map(BackendState::picker).distinct())
                    .hasSize(1);
        }
    }

    private LoadBalancerBuilder builder(String strategy) {
        List<Backend> backends = new ArrayList<>();
        int size = 1 + random.nextInt(24);
        for (int i = 0; i < size; i++) {
            backends.add(backend());
        }
        LoadBalancerBuilder builder = fixture.builder()
                .backends(backends)
                .strategy(Strategies.byName(strategy))
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                health.getOrDefault(backend.id(), HealthResult.healthy("up"))))
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .fall(1)
                        .build());
        switch (random.nextInt(4)) {
            case 0 -> builder.panic(PanicPolicy.failFast(30));
            case 1 -> builder.panic(PanicPolicy.useAll(50));
            case 2 -> builder.panic(PanicPolicy.off());
            default -> builder.priorities(PriorityPolicy.strict());
        }
        switch (random.nextInt(8)) {
            case 0 -> builder.slowStart(SlowStart.of(Duration.ofSeconds(2)));
            case 1 -> builder.zones(ZonePolicy.preferLocal("a"));
            case 2 -> builder.zones(ZonePolicy.multiplied(Map.of("a", 3)));
            case 3 -> builder.subsets(SubsetPolicy.defaultSubset(Subset.of(Map.of("version", "1"))));
            default -> {}
        }
        return builder;
    }

    private Backend backend() {
        return described("b" + nextId++);
    }

    private Backend described(String id) {
        return Backend.builder("http://" + id + ".test")
                .id(id)
                .weight(random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1)
                .priority(random.nextInt(4) == 0 ? 1 : 0)
                .zone(random.nextBoolean() ? "a" : "b")
                .maxInFlight(random.nextInt(5) == 0 ? 2 : Integer.MAX_VALUE)
                .metadata("version", Integer.toString(random.nextInt(2)))
                .build();
    }

    private String change(Pool pool) {
        List<String> ids = pool.snapshot().backends().stream()
                .filter(status -> !status.explanation().startsWith("removed"))
                .map(status -> status.backend().id())
                .toList();
        if (ids.isEmpty()) {
            pool.registry().add(backend());
            return "add to none";
        }
        String id = ids.get(random.nextInt(ids.size()));
        switch (random.nextInt(12)) {
            case 0 -> pool.registry().add(backend());
            case 1 -> pool.registry().remove(id);
            case 2 -> pool.registry().drain(id, Duration.ofSeconds(1));
            case 3 -> pool.registry().maintenance(id);
            case 4 -> pool.registry().activate(id);
            case 5 -> pool.registry().setWeight(id, 1 + random.nextInt(3));
            case 6 -> {
                List<Backend> others = new ArrayList<>();
                ids.stream()
                        .filter(other -> !other.equals(id))
                        .forEach(other ->
                                others.add(pool.snapshot().backend(other).backend()));
                others.add(random.nextBoolean() ? described(id) : backend());
                pool.registry().replaceAll(others);
            }
            case 7 -> health.put(id, HealthResult.unhealthy("no"));
            case 8 -> health.put(id, HealthResult.degraded("so so"));
            case 9 -> health.remove(id);
            case 10 -> call(pool, id);
            default -> hold(pool);
        }
        fixture.time.advance(Duration.ofMillis(random.nextInt(700)));
        return id;
    }

    /** Many calls, of which those to one backend fail. */
    private void call(Pool pool, String id) {
        for (int i = 0; i < 60; i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                boolean fails = lease.backend().id().equals(id);
                if (fails && random.nextInt(20) == 0) {
                    lease.restFor(Duration.ofSeconds(1));
                }
                fixture.time.advance(Duration.ofMillis(1));
                lease.complete(fails ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
            }
        }
    }

    /** Calls that go on for a while: they keep backends full, and leaving ones in the list. */
    private void hold(Pool pool) {
        if (held.size() > 6) {
            held.remove(0).complete(Outcome.SUCCESS);
        }
        if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
            held.add(lease);
        }
    }

    private static String describe(Pool pool) {
        Snapshot snapshot = pool.current();
        StringBuilder text = new StringBuilder(snapshot.tiers() + "\n");
        snapshot.levels()
                .forEach(level -> level.groups().forEach(group -> {
                    text.append(level.refusal()).append(System.identityHashCode(group.picker));
                    group.nodes.forEach(
                            node -> text.append(' ').append(node).append('*').append(node.weight()));
                    text.append('\n');
                }));
        Map<String, String> nodes = new TreeMap<>();
        snapshot.all()
                .forEach(node -> nodes.put(
                        node.backend().id(),
                        node.closedBecause() + " " + node.idleBecause() + " " + node.inSubsetsOnly() + " "
                                + node.condition()
                                + " " + node.limit() + " " + node.admission() + " " + keepsSessions(node) + " "
                                + node.isOpenToAll() + " " + node.isSettled() + " " + node.isCold() + " "
                                + node.ramp().isRamping() + " "
                                + node.countedAs() + " " + System.identityHashCode(node.picker())));
        nodes.forEach((id, node) -> text.append(id).append(": ").append(node).append('\n'));
        return text.toString();
    }

    /** Of no meaning unless it drains. */
    private static boolean keepsSessions(BackendState node) {
        return node.closedBecause() == Ineligibility.DRAINING && node.keepsSessions();
    }

    /** The backends that can be chosen, without backends on trial, which take a call only now and then. */
    private static Set<String> open(Pool pool) {
        Set<String> open = new HashSet<>();
        pool.current()
                .levels()
                .forEach(level -> level.groups()
                        .forEach(group -> group.nodes.stream()
                                .filter(node -> node.isAvailable() || isFullByItsRamp(node))
                                .filter(node -> !BackendCondition.isOnTrial(node))
                                .forEach(node -> open.add(node.backend().id()))));
        return open;
    }

    /** A request that has tried all other backends may have one more call than the ramp allows. */
    private static boolean isFullByItsRamp(BackendState node) {
        return node.closedBecause() == null
                && node.limit() < node.backend().maxInFlight()
                && node.inFlight() < node.backend().maxInFlight();
    }

    /** The backends that a request reaches that tries one after the other. */
    private static Set<String> reached(Pool pool) {
        Set<String> reached = new HashSet<>();
        List<Backend> tried = new ArrayList<>();
        while (pool.acquire(RequestContext.NONE.withTried(tried)) instanceof Lease lease) {
            tried.add(lease.backend());
            lease.complete(Outcome.DISCARDED);
        }
        tried.forEach(backend -> reached.add(backend.id()));
        pool.current().all().stream()
                .filter(BackendCondition::isOnTrial)
                .forEach(node -> reached.remove(node.backend().id()));
        return reached;
    }

    /** Then a request may be refused although there are others. */
    private static boolean refuses(Pool pool) {
        return pool.current().levels().stream()
                .anyMatch(level -> !level.refusal().isEmpty());
    }
}
