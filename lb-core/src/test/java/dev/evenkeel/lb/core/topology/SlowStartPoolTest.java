package dev.evenkeel.lb.core.topology;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.Replicas;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Newcomers and those that return, in whole pools. */
class SlowStartPoolTest {
    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final String C = "c:1";
    private static final String NEW = "new:1";

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancerBuilder three() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.weightedRoundRobin())
                .slowStart(SlowStart.of(WINDOW));
    }

    /** Fewest calls, as in the documentation of the SPI: it knows nothing of weights. */
    private static final LoadBalancingStrategy FEWEST_CALLS = context -> request -> {
        Candidate best = null;
        for (Candidate candidate : context.candidates()) {
            if (request.accepts(candidate) && (best == null || candidate.inFlight() < best.inFlight())) {
                best = candidate;
            }
        }
        return best;
    };

    private static final LoadBalancingStrategy TURNS = context -> {
        AtomicInteger turn = new AtomicInteger();
        return request -> {
            int n = context.candidates().size();
            for (int i = turn.getAndIncrement(), tries = 0; tries < n; i++, tries++) {
                Candidate candidate = context.candidates().get(i % n);
                if (request.accepts(candidate)) {
                    return candidate;
                }
            }
            return null;
        };
    };

    @Test
    void poolAtItsStart_doesNotRamp() {
        LoadBalancer pool = three().build();

        assertThat(pool.snapshot().backends()).allMatch(status -> status.effectiveWeight() == 1);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void newBackend_ramps_andTheTimerEndsWithIt() {
        LoadBalancer pool = three().build();
        pool.registry().add(Backend.builder("http://new:1").weight(4).build());
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(0.4);
        assertThat(status(pool, NEW).explanation()).isEqualTo("used; slow start at 10 %");

        // A step is a twentieth; in it the backend has what the ramp reaches in its middle.
        fixture.time.advance(WINDOW.dividedBy(2));
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(4 * 0.525);
        assertThat(call(pool, 510)).containsEntry(NEW, 210);
        fixture.time.advance(WINDOW.dividedBy(4));
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(4 * 0.775);
        fixture.time.advance(WINDOW.dividedBy(4));
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(4);
        assertThat(status(pool, NEW).explanation()).isEqualTo("used");
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void ramp_isPublishedAtMostTwentyTimes() {
        LoadBalancer pool = three().build();
        pool.registry().add(Backend.of("http://new:1"));
        long before = pool.snapshot().version();

        fixture.time.advance(WINDOW);

        assertThat(pool.snapshot().version() - before).isEqualTo(20);
    }

    /** Whatever else is published meanwhile, it has what the ramp reaches in the middle of the time until the next step. */
    @Test
    void ramp_thatIsPublishedWithinAStep_staysTheRamp() {
        LoadBalancer pool = three().build();
        pool.registry().add(Backend.of("http://new:1"));
        fixture.time.advance(WINDOW.dividedBy(2).plus(WINDOW.dividedBy(40)));
        pool.registry().maintenance(A);

        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(0.5375);
        fixture.time.advance(WINDOW.dividedBy(40));
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(0.575);
    }

    @Test
    void shortestRamp_ramps() {
        LoadBalancer pool =
                three().slowStart(SlowStart.of(Duration.ofSeconds(1))).build();
        pool.registry().add(Backend.of("http://new:1"));

        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(0.1);
        fixture.time.advance(Duration.ofMillis(500));
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(0.55);
        fixture.time.advance(Duration.ofMillis(500));
        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(1);
    }

    @Test
    void backendFromMaintenance_ramps_oneWhoseDrainIsCalledOffDoesNot() {
        LoadBalancer pool = three().build();
        pool.registry().maintenance(A);
        pool.registry().drain(B);
        pool.registry().activate(A);
        pool.registry().activate(B);

        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.1);
        assertThat(status(pool, B).effectiveWeight()).isEqualTo(1);
    }

    @Test
    void backendThatGoesOutAgain_beginsAnew() {
        LoadBalancer pool = three().build();
        pool.registry().maintenance(A);
        pool.registry().activate(A);
        fixture.time.advance(WINDOW.dividedBy(2));
        pool.registry().maintenance(A);
        fixture.time.advance(WINDOW);
        pool.registry().activate(A);

        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.1);
    }

    @Test
    void backendThatWasDown_ramps() {
        Replicas replicas = new Replicas().add(3, 0, HealthState.UP).add(1, 0, HealthState.DOWN);
        LoadBalancer pool = replicas.pool(
                builder -> builder.strategy(Strategies.weightedRoundRobin()).slowStart(SlowStart.of(WINDOW)));
        assertThat(status(pool, "p0.0").effectiveWeight()).isEqualTo(1);

        replicas.become(HealthState.UP, "p0.3");

        assertThat(status(pool, "p0.3").effectiveWeight()).isBetween(0.05, 0.2);
        assertThat(status(pool, "p0.0").effectiveWeight()).isEqualTo(1);
    }

    @Test
    void ejectedBackend_ramps_afterItsTrial() {
        LoadBalancer pool = three().circuitBreaker(BreakerPolicy.off()).build();
        call(pool, 9, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(status(pool, A).ejectedFor()).isNotNull();
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(1);

        assertThat(call(pool, 3)).containsKey(A);

        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.1);
    }

    @Test
    void backendBehindABreaker_ramps_afterItsTrials() {
        LoadBalancer pool = three().outlierDetection(OutlierDetectors.none()).build();
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(1);

        call(pool, 12);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.1);
    }

    @Test
    void firstToReturnToAnEmptyPool_doesNotRamp_theNextDo() {
        LoadBalancer pool = three().build();
        List.of(A, B, C).forEach(pool.registry()::maintenance);
        List.of(A, B).forEach(pool.registry()::activate);

        assertThat(status(pool, A).effectiveWeight()).isEqualTo(1);
        assertThat(status(pool, B).effectiveWeight()).isEqualTo(0.1);
    }

    @Test
    void newList_thatReplacesTheWholePool_doesNotRamp() {
        LoadBalancer pool = three().build();
        pool.registry().replaceAll(List.of(Backend.of("http://x:1"), Backend.of("http://y:1")));

        assertThat(status(pool, "x:1").effectiveWeight()).isEqualTo(1);
        assertThat(status(pool, "y:1").effectiveWeight()).isEqualTo(1);
    }

    @Test
    void limit_rampsLikeTheWeight_andIsNeverLessThanOne() {
        LoadBalancer pool = three().strategy(Strategies.roundRobin()).build();
        pool.registry().add(Backend.builder("http://new:1").maxInFlight(8).build());

        assertThat(mostInFlight(pool)).isEqualTo(1);
        fixture.time.advance(WINDOW.dividedBy(2));
        assertThat(mostInFlight(pool)).isEqualTo(4);
        fixture.time.advance(WINDOW.dividedBy(2));
        assertThat(mostInFlight(pool)).isEqualTo(8);
    }

    private static int mostInFlight(LoadBalancer pool) {
        Deque<Lease> held = new ArrayDeque<>();
        for (int i = 0; i < 1_000; i++) {
            held.add(lease(pool));
        }
        int most = status(pool, NEW).inFlight();
        held.forEach(lease -> lease.complete(Outcome.SUCCESS));
        return most;
    }

    static Stream<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all().stream();
    }

    /** With a quarter of its weight. */
    @ParameterizedTest
    @MethodSource("strategies")
    void newBackend_getsLessAtFirst_underEveryStrategy(LoadBalancingStrategy strategy) throws Exception {
        LoadBalancer pool = three().strategy(strategy).build();
        pool.registry().add(Backend.of("http://new:1"));
        fixture.time.advance(WINDOW.dividedBy(4));
        double young = share(pool, 1);
        fixture.time.advance(WINDOW);
        double old = share(pool, 2);

        assertThat(young).isLessThan(old * 0.6);
    }

    @Test
    void newBackend_underARotationBlindToWeights_getsItsPartOfTheTurns() {
        LoadBalancer pool = three().strategy(TURNS).build();
        pool.registry().add(Backend.of("http://new:1"));
        fixture.time.advance(WINDOW.dividedBy(2));

        assertThat(call(pool, 4_000).get(NEW)).isBetween(400, 600);
        fixture.time.advance(WINDOW);
        assertThat(call(pool, 4_000)).containsEntry(NEW, 1_000);
    }

    /** As the idlest one it is chosen whenever it may be, which is no more often than its part of the requests. */
    @Test
    void newBackend_underFewestCallsBlindToWeights_isChosenByNoMoreThanItsPartOfTheRequests() throws Exception {
        LoadBalancer pool = three().strategy(FEWEST_CALLS).build();
        pool.registry().add(Backend.of("http://new:1"));

        assertThat(share(pool, 1)).isBetween(0.02, 0.12);
    }

    /** Of 3,000 calls by as many clients, 24 at a time. */
    private static double share(LoadBalancer pool, int seed) throws UnknownHostException {
        Random random = new Random(seed);
        Deque<Lease> held = new ArrayDeque<>();
        Map<String, Integer> calls = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            Lease lease = lease(pool, client(random));
            calls.merge(lease.backend().id(), 1, Integer::sum);
            held.add(lease);
            if (held.size() > 24) {
                held.remove().complete(Outcome.SUCCESS);
            }
        }
        held.forEach(lease -> lease.complete(Outcome.SUCCESS));
        return calls.getOrDefault(NEW, 0) / 3_000.0;
    }

    private static RequestContext client(Random random) throws UnknownHostException {
        byte[] octets = new byte[4];
        random.nextBytes(octets);
        InetAddress address = InetAddress.getByAddress(octets);
        return new RequestContext() {
            @Override
            public String affinityKey() {
                return address.getHostAddress();
            }

            @Override
            public InetAddress clientAddress() {
                return address;
            }
        };
    }

    @Test
    void strategyBlindToWeights_neverLeavesACallWithout_becauseOfARamp() {
        LoadBalancer pool = three().strategy(FEWEST_CALLS).build();
        pool.registry().add(Backend.of("http://new:1"));
        List.of(A, B, C).forEach(pool.registry()::maintenance);

        assertThat(call(pool, 100)).containsOnlyKeys(NEW);
    }

    @Test
    void rampingBackends_thatAreAlone_shareEvenly_underAStrategyBlindToWeights() {
        LoadBalancer pool = three().strategy(FEWEST_CALLS).build();
        pool.registry().add(Backend.of("http://new:1"));
        pool.registry().add(Backend.of("http://newer:1"));
        List.of(A, B, C).forEach(pool.registry()::maintenance);
        lease(pool);
        lease(pool);

        assertThat(status(pool, NEW).inFlight()).isEqualTo(1);
        assertThat(status(pool, "newer:1").inFlight()).isEqualTo(1);
    }

    @Test
    void ramp_doesNotSpillToALowerTier() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(FEWEST_CALLS)
                .slowStart(SlowStart.of(WINDOW))
                .backend(Backend.builder("http://backup:1").priority(1).build())
                .build();
        pool.registry().maintenance(A);
        pool.registry().activate(A);

        assertThat(call(pool, 100)).containsOnlyKeys(A);
    }

    /** The others go on where they were: over whole turns each has had its part. */
    @Test
    void rotation_goesOn_whileABackendRamps() {
        LoadBalancer pool = three().strategy(Strategies.roundRobin()).build();
        pool.registry().maintenance(C);
        pool.registry().activate(C);
        Map<String, Integer> calls = new HashMap<>();
        for (int step = 0; step < 40; step++) {
            call(pool, 7).forEach((id, count) -> calls.merge(id, count, Integer::sum));
            fixture.time.advance(WINDOW.dividedBy(40));
        }

        assertThat(Math.abs(calls.get(A) - calls.get(B))).isLessThanOrEqualTo(12);
        assertThat(calls.get(C)).isLessThan(calls.get(A));
    }

    @Test
    void off_byDefault() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        pool.registry().add(Backend.of("http://new:1"));

        assertThat(status(pool, NEW).effectiveWeight()).isEqualTo(1);
    }
}
