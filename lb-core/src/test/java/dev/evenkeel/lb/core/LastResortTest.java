package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The last backend that can work gets the calls: no trial, breaker, rest or slow start turns one away while nothing better is
 * left. Once a better one is back, they hold again.
 */
class LastResortTest {
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final int CALLS = 20;

    private final PoolFixture fixture = new PoolFixture();
    private final Set<String> sick = ConcurrentHashMap.newKeySet();

    private final HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
            sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine"));

    private LoadBalancerBuilder two() {
        return fixture.builder("http://a:1", "http://b:1").strategy(Strategies.roundRobin());
    }

    private static LoadBalancerBuilder ejecting(LoadBalancerBuilder builder) {
        return builder.outlierDetection(OutlierDetectors.relative()).circuitBreaker(BreakerPolicy.off());
    }

    private static LoadBalancerBuilder breaking(LoadBalancerBuilder builder) {
        return builder.outlierDetection(OutlierDetectors.none());
    }

    /** Makes a backend fail until it is ejected or its breaker is open, and waits until it is on trial. */
    private void putOnTrial(LoadBalancer pool, String id) {
        call(pool, 60, Map.of(id, Outcome.SERVER_ERROR));
        assertThat(status(pool, id).ineligibilities()).containsAnyOf(Ineligibility.EJECTED, Ineligibility.BREAKER_OPEN);
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(status(pool, id).ineligibilities()).isEmpty();
    }

    private static List<Lease> hold(LoadBalancer pool, int calls) {
        return hold(pool, calls, RequestContext.NONE);
    }

    private static List<Lease> hold(LoadBalancer pool, int calls, RequestContext context) {
        List<Lease> held = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            held.add(lease(pool, context));
        }
        return held;
    }

    private static long at(List<Lease> held, String id) {
        return held.stream().filter(lease -> lease.backend().id().equals(id)).count();
    }

    private static void end(List<Lease> held, Outcome outcome) {
        held.forEach(lease -> lease.complete(outcome));
    }

    enum Gone {
        IN_MAINTENANCE,
        DRAINING,
        REMOVED,
        DOWN
    }

    private void take(Gone how, LoadBalancer pool) {
        switch (how) {
            case IN_MAINTENANCE -> pool.registry().maintenance(B);
            case DRAINING -> pool.registry().drain(B);
            case REMOVED -> pool.registry().remove(B);
            case DOWN -> {
                sick.add(B);
                fixture.time.advance(Duration.ofSeconds(5));
                assertThat(status(pool, B).ineligibilities()).containsExactly(Ineligibility.DOWN);
            }
        }
    }

    private void bringBack(Gone how, LoadBalancer pool) {
        switch (how) {
            case IN_MAINTENANCE, DRAINING -> pool.registry().activate(B);
            case REMOVED -> pool.registry().add(Backend.of("http://b:1"));
            case DOWN -> {
                sick.clear();
                fixture.time.advance(Duration.ofSeconds(5));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void backendOnTrialAfterAnEjection_isTheLast_takesAllCalls_andOneAtATimeOnceAnotherIsBack(Gone how) {
        LoadBalancer pool = ejecting(two()).healthCheck(check).build();
        putOnTrial(pool, A);
        take(how, pool);

        List<Lease> held = hold(pool, CALLS);
        assertThat(at(held, A)).isEqualTo(CALLS);
        assertThat(status(pool, A).ineligibilities()).isEmpty();
        assertThat(status(pool, A).explanation()).isEqualTo("used although on trial; nothing better is left");

        bringBack(how, pool);
        List<Lease> later = hold(pool, CALLS);
        assertThat(at(later, B)).isEqualTo(CALLS);
        assertThat(status(pool, A).ineligibilities()).containsExactly(Ineligibility.EJECTED);

        end(held, Outcome.SUCCESS);
        end(later, Outcome.SUCCESS);
        assertThat(call(pool, CALLS)).containsEntry(A, CALLS / 2);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void halfOpenBackend_isTheLast_takesAllCalls_andItsTrialsOnceAnotherIsBack(Gone how) {
        LoadBalancer pool = breaking(two())
                .healthCheck(check)
                .circuitBreaker(BreakerPolicy.builder()
                        .halfOpenTimeout(Duration.ofMinutes(5))
                        .build())
                .build();
        putOnTrial(pool, A);
        take(how, pool);

        List<Lease> held = hold(pool, CALLS);
        assertThat(at(held, A)).isEqualTo(CALLS);

        bringBack(how, pool);
        List<Lease> later = hold(pool, CALLS);
        assertThat(at(later, B)).isEqualTo(CALLS);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);

        end(later, Outcome.SUCCESS);
        end(held, Outcome.SUCCESS);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
    }

    static Stream<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all().stream();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void backendOnTrial_isTheLast_takesAllCalls_underEveryStrategy(LoadBalancingStrategy strategy) {
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        two().strategy(strategy)
                .outlierDetection(OutlierDetectors.relative())
                .circuitBreaker(BreakerPolicy.off())
                .applyTo(pool);
        pool.registry().maintenance(B);

        assertThat(at(hold(pool, CALLS, RequestContext.ofAffinityKey("key")), A))
                .isEqualTo(CALLS);
    }

    // What the calls of a last resort teach.

    @Test
    void failureOfTheLast_onTrial_leavesItOnTrial_soThatItIsSparedOnceAnotherIsBack() {
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);

        end(hold(pool, CALLS), Outcome.SERVER_ERROR);
        assertThat(call(pool, CALLS, Map.of(A, Outcome.SERVER_ERROR))).containsEntry(A, CALLS);

        pool.registry().activate(B);
        List<Lease> held = hold(pool, CALLS);
        assertThat(at(held, A)).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(200));
        end(held.stream().filter(lease -> lease.backend().id().equals(A)).toList(), Outcome.SERVER_ERROR);
        assertThat(status(pool, A).ejectedFor()).isNotNull();
    }

    @Test
    void trialCallThatHangs_keepsNoOtherCallFromEndingTheTrial() {
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);
        Lease hangs = lease(pool);

        lease(pool).complete(Outcome.SUCCESS);
        pool.registry().activate(B);

        assertThat(at(hold(pool, CALLS), A)).isEqualTo(CALLS / 2);
        hangs.complete(Outcome.CANCELLED);
    }

    @Test
    void cancelledCallBesideATrialCall_doesNotFreeTheTrial() {
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);
        Lease trialCall = lease(pool);

        lease(pool).complete(Outcome.CANCELLED); // begun at the very same time
        pool.registry().activate(B);

        assertThat(at(hold(pool, CALLS), B)).isEqualTo(CALLS);
        trialCall.complete(Outcome.CANCELLED);
        assertThat(at(hold(pool, CALLS), A)).isEqualTo(1);
    }

    @Test
    void callsBeyondAHalfOpenTrial_countForIt_whileThePermittedOnesHang() {
        LoadBalancer pool = breaking(two()).build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);
        List<Lease> permitted = hold(pool, 3);

        end(hold(pool, 3), Outcome.SUCCESS);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
        end(permitted, Outcome.SUCCESS);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void cancelledCallsBeyondAHalfOpenTrial_giveNoPermissionBack() {
        LoadBalancer pool = breaking(two()).build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);
        List<Lease> permitted = hold(pool, 3);
        end(hold(pool, CALLS), Outcome.CANCELLED);

        pool.registry().activate(B);
        assertThat(at(hold(pool, CALLS), A)).isZero();
        end(permitted, Outcome.CANCELLED);
        assertThat(at(hold(pool, CALLS), A)).isEqualTo(3);
    }

    @Test
    void trialThatEndsWhileAPickerLooks_isNoFaultOfTheStrategy() {
        Deque<Lease> ending = new ArrayDeque<>();
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        two().strategy(context -> request -> {
                    Candidate found = context.candidates().stream()
                            .filter(request::accepts)
                            .findFirst()
                            .orElse(null);
                    ending.forEach(lease -> lease.complete(Outcome.SUCCESS));
                    return found;
                })
                .outlierDetection(OutlierDetectors.relative())
                .circuitBreaker(BreakerPolicy.off())
                .applyTo(pool);
        pool.registry().maintenance(B);
        ending.add(lease(pool));

        assertThat(lease(pool).backend().id()).isEqualTo(A);
        assertThat(fixture.events(StrategyFailed.class)).isEmpty();
    }

    // Limits hold; the text names every backend.

    @Test
    void ownLimit_holdsOnTrial_andTheTextNamesEveryBackend() {
        LoadBalancer pool = ejecting(fixture.builder()
                        .backend(Backend.builder("http://a:1").maxInFlight(5).build())
                        .backends("http://b:1")
                        .strategy(Strategies.roundRobin()))
                .build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);

        assertThat(at(hold(pool, 5), A)).isEqualTo(5);
        assertThat(refusal(pool))
                .isEqualTo("pool \"users\" has no backend available: 2 backends (1 in maintenance, 1 full);"
                        + " 5 of 5 calls in flight");
    }

    @Test
    void triedBackendOnTrial_isNamedAsTried() {
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);
        Lease first = lease(pool);

        assertThat(refusal(pool, RequestContext.NONE.withTried(List.of(first.backend()))))
                .isEqualTo(
                        "pool \"users\" has no backend available: 2 backends (1 in maintenance, 1 tried in this call);"
                                + " tried a:1");
    }

    // Slow start.

    @Test
    void rampingLimit_holdsWhileOthersServe_andNotOnceTheyAreGone() {
        LoadBalancer pool =
                two().slowStart(SlowStart.of(Duration.ofSeconds(30))).build();
        pool.registry()
                .add(Backend.builder("http://new:1").id("new").maxInFlight(40).build());
        List<Lease> held = hold(pool, 60);
        assertThat(at(held, "new")).isBetween(1L, 10L);
        end(held, Outcome.SUCCESS);

        pool.registry().maintenance(A);
        pool.registry().maintenance(B);
        assertThat(at(hold(pool, 40), "new")).isEqualTo(40);
        assertThat(refusal(pool)).contains("2 in maintenance, 1 full").contains("40 of 40 calls in flight");
    }

    // Rests.

    @Test
    void restingBackend_isTheLast_takesAllCalls_andRestsAgainOnceAnotherIsBack() {
        LoadBalancer pool = two().build();
        Lease asks = leaseAt(pool, A);
        asks.restFor(Duration.ofSeconds(20));
        asks.complete(Outcome.THROTTLED);
        assertThat(call(pool, CALLS)).containsOnlyKeys(B);

        pool.registry().maintenance(B);
        assertThat(call(pool, CALLS)).containsEntry(A, CALLS);
        assertThat(status(pool, A).explanation())
                .isEqualTo("used although it has asked for a rest; no other backend is left");

        pool.registry().activate(B);
        assertThat(call(pool, CALLS)).containsOnlyKeys(B);
    }

    @Test
    void restingBackend_isTheLastOfASubset_takesTheSubsetsCalls() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.roundRobin())
                .backends(List.of(versioned("a", "1"), versioned("b", "1"), versioned("c", "2")))
                .subsets(SubsetPolicy.noFallback().withSelector("version"))
                .build();
        RequestContext first = RequestContext.NONE.withSubset(Subset.of("version", "1"));
        Lease asks = lease(pool, first);
        asks.restFor(Duration.ofSeconds(20));
        asks.complete(Outcome.THROTTLED);
        String resting = asks.backend().id();
        assertThat(at(hold(pool, CALLS, first), resting)).isZero();

        pool.registry().maintenance(resting.equals("a") ? "b" : "a");
        assertThat(at(hold(pool, CALLS, first), resting)).isEqualTo(CALLS);
        assertThat(at(hold(pool, CALLS), "c"))
                .as("the whole pool has a better one")
                .isEqualTo(CALLS);
    }

    private static Lease leaseAt(LoadBalancer pool, String id) {
        Lease lease = lease(pool);
        while (!lease.backend().id().equals(id)) {
            lease.complete(Outcome.SUCCESS);
            lease = lease(pool);
        }
        return lease;
    }

    // Tiers, zones, subsets.

    @Test
    void backendOnTrial_besideABackupTier_takesOneCallAtATime_andAllOnceTheBackupIsGone() {
        LoadBalancer pool = ejecting(fixture.builder("http://a:1", "http://b:1")
                        .backend(Backend.builder("http://backup:1").priority(1).build())
                        .strategy(Strategies.roundRobin()))
                .build();
        putOnTrial(pool, A);
        pool.registry().maintenance(B);
        List<Lease> held = hold(pool, CALLS);
        assertThat(at(held, A)).isEqualTo(1);
        assertThat(at(held, "backup:1")).isEqualTo(CALLS - 1);
        end(held.stream().filter(lease -> lease.backend().id().equals(A)).toList(), Outcome.CANCELLED);

        pool.registry().drain("backup:1");
        assertThat(at(hold(pool, CALLS), A)).isEqualTo(CALLS);
    }

    @Test
    void backendOnTrial_besideAnotherZone_takesOneCallAtATime_andAllOnceTheZoneIsGone() {
        LoadBalancer pool = ejecting(fixture.builder()
                        .backend(Backend.builder("http://a:1").zone("here").build())
                        .backend(Backend.builder("http://b:1").zone("there").build())
                        .zones(ZonePolicy.preferLocal("here"))
                        .strategy(Strategies.roundRobin()))
                .build();
        for (int i = 0; i < 3; i++) {
            leaseAt(pool, A).complete(Outcome.SERVER_ERROR);
            lease(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://a:1"))))
                    .complete(Outcome.SUCCESS);
        }
        assertThat(status(pool, A).ejectedFor()).isNotNull();
        fixture.time.advance(Duration.ofMillis(1_300));
        List<Lease> held = hold(pool, CALLS);
        assertThat(at(held, A)).isEqualTo(1);
        end(held, Outcome.CANCELLED);

        pool.registry().maintenance(B);
        assertThat(at(hold(pool, CALLS), A)).isEqualTo(CALLS);
    }

    @Test
    void backendOnTrial_isTheLastOfASubset_takesTheSubsetsCalls_andOneAtATimeOfTheOthers() {
        LoadBalancer pool = ejecting(fixture.builder()
                        .strategy(Strategies.roundRobin())
                        .backends(List.of(versioned("a", "1"), versioned("b", "1"), versioned("c", "2")))
                        .subsets(SubsetPolicy.noFallback().withSelector("version")))
                .build();
        putOnTrial(pool, "a");
        pool.registry().maintenance("b");
        RequestContext first = RequestContext.NONE.withSubset(Subset.of("version", "1"));

        List<Lease> held = hold(pool, CALLS, first);
        assertThat(at(held, "a")).isEqualTo(CALLS);
        end(held, Outcome.CANCELLED);
        assertThat(at(hold(pool, CALLS), "a")).isEqualTo(1);
    }

    private static Backend versioned(String id, String version) {
        return Backend.builder("http://" + id + ":1")
                .id(id)
                .metadata("version", version)
                .build();
    }

    @Test
    void callThatIsTriedElsewhere_mayGoToABackendOnTrial_thatHasItsCallAlready() {
        LoadBalancer pool = ejecting(two()).build();
        putOnTrial(pool, A);
        List<Lease> held = hold(pool, CALLS);
        assertThat(at(held, A)).isEqualTo(1);

        Lease further = lease(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://b:1"))));
        assertThat(further.backend().id()).isEqualTo(A);
    }
}
