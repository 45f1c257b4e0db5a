package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A call that has tried every eligible backend in vain goes to a backend that only passive health keeps out, never to one
 * that an operator, an active check or a limit keeps out.
 */
class PassiveHealthOfOneCallTest {
    private static final String OUT = "out";

    private final PoolFixture fixture = new PoolFixture();
    private final Set<String> sick = ConcurrentHashMap.newKeySet();
    private final HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
            sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine"));

    /** What keeps the backend {@link #OUT} out. */
    enum Reason {
        BREAKER_OF_FAILURES(Ineligibility.BREAKER_OPEN),
        BREAKER_OF_REFUSED_CONNECTIONS(Ineligibility.BREAKER_OPEN),
        EJECTION(Ineligibility.EJECTED),
        RETRY_AFTER(Ineligibility.RESTING),
        MAINTENANCE(Ineligibility.MAINTENANCE),
        DRAIN(Ineligibility.DRAINING),
        CHECK(Ineligibility.DOWN),
        OWN_LIMIT(Ineligibility.FULL),
        BREAKER_AND_MAINTENANCE(Ineligibility.MAINTENANCE),
        BREAKER_AND_CHECK(Ineligibility.DOWN),
        BREAKER_AND_OWN_LIMIT(Ineligibility.BREAKER_OPEN);

        final Ineligibility told;

        Reason(Ineligibility told) {
            this.told = told;
        }

        boolean isPassive() {
            return ordinal() <= RETRY_AFTER.ordinal();
        }
    }

    private static Backend backend(String id, int priority) {
        Backend.Builder builder = Backend.builder("http://" + id + ":1")
                .id(id)
                .priority(priority)
                .metadata("version", id.equals("stranger") ? "2" : "1");
        return (id.equals(OUT) ? builder.maxInFlight(1) : builder).build();
    }

    private LoadBalancerBuilder builder(Reason reason, LoadBalancingStrategy strategy) {
        return fixture.builder()
                .strategy(strategy)
                .healthCheck(check)
                .outlierDetection(reason == Reason.EJECTION ? OutlierDetectors.relative() : OutlierDetectors.none())
                .circuitBreaker(reason == Reason.EJECTION ? BreakerPolicy.off() : BreakerPolicy.defaults());
    }

    private LoadBalancer pool(Reason reason, LoadBalancingStrategy strategy) {
        LoadBalancer pool = builder(reason, strategy)
                .backends(List.of(backend("a", 0), backend(OUT, 0), backend("c", 0)))
                .build();
        keepOut(pool, reason);
        return pool;
    }

    private static Lease leaseAt(LoadBalancer pool, String id) {
        return lease(
                pool,
                RequestContext.ofAffinityKey("key")
                        .withPermitted(backend -> backend.id().equals(id)));
    }

    private static void end(LoadBalancer pool, int calls, Outcome outcome) {
        for (int i = 0; i < calls; i++) {
            for (String id : List.of("a", OUT, "c")) {
                leaseAt(pool, id).complete(id.equals(OUT) ? outcome : Outcome.SUCCESS);
            }
        }
    }

    private void keepOut(LoadBalancer pool, Reason reason) {
        switch (reason) {
            case BREAKER_OF_FAILURES, BREAKER_AND_MAINTENANCE, BREAKER_AND_CHECK, BREAKER_AND_OWN_LIMIT ->
                end(pool, 10, Outcome.SERVER_ERROR);
            case BREAKER_OF_REFUSED_CONNECTIONS -> end(pool, 10, Outcome.NEVER_SENT);
            case EJECTION -> end(pool, 3, Outcome.SERVER_ERROR);
            case RETRY_AFTER -> {
                Lease asks = leaseAt(pool, OUT);
                asks.restFor(Duration.ofSeconds(20));
                asks.complete(Outcome.THROTTLED);
            }
            case OWN_LIMIT -> leaseAt(pool, OUT);
            case DRAIN -> pool.registry().drain(OUT);
            case MAINTENANCE, CHECK -> {}
        }
        switch (reason) {
            case MAINTENANCE, BREAKER_AND_MAINTENANCE -> pool.registry().maintenance(OUT);
            case CHECK, BREAKER_AND_CHECK -> {
                sick.add(OUT);
                fixture.time.advance(Duration.ofSeconds(5));
            }
            case BREAKER_AND_OWN_LIMIT -> leaseAt(pool, OUT);
            default -> {}
        }
        assertThat(status(pool, OUT).ineligibilities()).containsExactly(reason.told);
    }

    private static RequestContext after(String... tried) {
        List<Backend> backends = Stream.of(tried).map(id -> backend(id, 0)).toList();
        return RequestContext.ofAffinityKey("key").withTried(backends).withPassiveHealthIgnored(true);
    }

    static Stream<Arguments> reasonsAndStrategies() {
        List<Arguments> all = new ArrayList<>();
        for (Reason reason : Reason.values()) {
            for (Named<LoadBalancingStrategy> strategy : AllStrategies.all()) {
                all.add(arguments(reason, strategy));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("reasonsAndStrategies")
    void call_thatHasTriedAllEligibleOnes_goesToWhatPassiveHealthKeepsOut_andToNothingElse(
            Reason reason, LoadBalancingStrategy strategy) {
        LoadBalancer pool = pool(reason, strategy);

        assertThat(lease(pool, after()).backend().id()).isIn("a", "c");
        assertThat(lease(pool, after("a")).backend().id()).isEqualTo("c");
        assertThat(lease(pool, after("c")).backend().id()).isEqualTo("a");
        assertThat(lease(pool, after("a", OUT)).backend().id()).isEqualTo("c");
        assertThat(refusal(pool, after("a", OUT, "c"))).contains("tried in this call");
        RequestContext cautious = after("a", "c").withPassiveHealthIgnored(false);
        assertThat(refusal(pool, cautious)).contains("1 " + reason.told.text(), "2 tried in this call");
        if (!reason.isPassive()) {
            assertThat(refusal(pool, after("a", "c"))).contains("1 " + reason.told.text(), "2 tried in this call");
            return;
        }
        Lease lease = lease(pool, after("a", "c"));
        assertThat(lease.backend().id()).isEqualTo(OUT);
        assertThat(refusal(pool, after("a", "c")))
                .as("its own limit holds")
                .contains("1 " + reason.told.text(), "2 tried in this call");
        lease.complete(Outcome.SUCCESS);
        assertThat(status(pool, OUT).inFlight()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void call_thatMayBeSentToOneOnly_goesThere_unlessMoreThanPassiveHealthKeepsItOut(Reason reason) {
        LoadBalancer pool = pool(reason, Strategies.roundRobin());
        RequestContext only =
                RequestContext.NONE.withPermitted(backend -> backend.id().equals(OUT));

        if (reason.isPassive()) {
            assertThat(lease(pool, only).backend().id()).isEqualTo(OUT);
        } else {
            assertThat(refusal(pool, only)).contains(reason.told.text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void call_insideASubset_staysInIt(Reason reason) {
        LoadBalancer pool = builder(reason, Strategies.roundRobin())
                .backends(List.of(backend("a", 0), backend(OUT, 0), backend("c", 0), backend("stranger", 0)))
                .subsets(SubsetPolicy.noFallback().withSelector("version"))
                .build();
        keepOut(pool, reason);
        RequestContext within = after("a", "c").withSubset(Subset.of("version", "1"));

        if (reason.isPassive()) {
            assertThat(lease(pool, within).backend().id()).isEqualTo(OUT);
        } else {
            assertThat(refusal(pool, within)).contains(reason.told.text());
        }
        assertThat(refusal(pool, after("stranger").withSubset(Subset.of("version", "2"))))
                .contains("1 tried in this call");
        assertThat(lease(pool, after("a", "c")).backend().id()).isEqualTo("stranger");
        assertThat(refusal(pool, after("a").withSubset(Subset.of("version", "3"))))
                .contains("none has");
    }

    @Test
    void callOfTheDefaultSubset_staysInIt() {
        LoadBalancer pool = builder(Reason.BREAKER_OF_FAILURES, Strategies.roundRobin())
                .backends(List.of(backend("a", 0), backend(OUT, 0), backend("c", 0), backend("stranger", 0)))
                .subsets(SubsetPolicy.defaultSubset(Subset.of("version", "2")))
                .build();
        for (int i = 0; i < 10; i++) {
            lease(pool, RequestContext.NONE.withSubset(Subset.of("version", "1")))
                    .complete(Outcome.SUCCESS);
        }

        assertThat(refusal(pool, after("stranger"))).contains("tried in this call");
    }

    @ParameterizedTest
    @EnumSource
    void call_withABackupTier_triesThatFirst(Reason reason) {
        LoadBalancer pool = builder(reason, Strategies.roundRobin())
                .backends(List.of(backend("a", 0), backend(OUT, 0), backend("c", 0), backend("backup", 1)))
                .build();
        keepOut(pool, reason);

        assertThat(lease(pool, after("a", "c")).backend().id()).isEqualTo("backup");
        RequestContext last = after("a", "c", "backup");
        if (reason.isPassive()) {
            assertThat(lease(pool, last).backend().id()).isEqualTo(OUT);
        } else {
            assertThat(refusal(pool, last)).contains(reason.told.text());
        }
    }

    @Test
    void severalThatAreOut_theFirstTierComesFirst_thenTheOneThatOnlyRests() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(backend("a", 0), backend("broken", 0), backend("resting", 0), backend("backup", 1)))
                .circuitBreaker(BreakerPolicy.builder().maxOpenPercent(100).build())
                .outlierDetection(OutlierDetectors.none())
                .panic(PanicPolicy.off())
                .build();
        for (int i = 0; i < 10; i++) {
            leaseAt(pool, "broken").complete(Outcome.SERVER_ERROR);
            leaseAt(pool, "backup").complete(Outcome.SERVER_ERROR);
        }
        Lease asks = leaseAt(pool, "resting");
        asks.restFor(Duration.ofSeconds(20));
        asks.complete(Outcome.THROTTLED);

        assertThat(status(pool, "backup").breaker()).isEqualTo(BreakerState.OPEN);
        assertThat(lease(pool, after("a")).backend().id()).isEqualTo("resting");
        assertThat(lease(pool, after("a", "resting")).backend().id()).isEqualTo("broken");
        assertThat(lease(pool, after("a", "resting", "broken")).backend().id()).isEqualTo("backup");
    }

    @Test
    void severalEqualOnes_shareTheCalls() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .circuitBreaker(BreakerPolicy.builder().maxOpenPercent(100).build())
                .outlierDetection(OutlierDetectors.none())
                .build();
        for (int i = 0; i < 10; i++) {
            leaseAt(pool, "b:1").complete(Outcome.NEVER_SENT);
            leaseAt(pool, "c:1").complete(Outcome.NEVER_SENT);
        }
        RequestContext after =
                RequestContext.NONE.withTried(List.of(Backend.of("http://a:1"))).withPassiveHealthIgnored(true);
        List<Lease> held = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            held.add(lease(pool, after));
        }

        assertThat(held.stream().filter(lease -> lease.backend().id().equals("b:1")))
                .hasSize(10);
    }

    @Test
    void failingFastInPanic_isThePolicyOfTheOperator() {
        LoadBalancer pool = builder(Reason.BREAKER_OF_FAILURES, Strategies.roundRobin())
                .backends(List.of(backend("a", 0), backend(OUT, 0), backend("c", 0)))
                .panic(PanicPolicy.failFast(60))
                .build();
        keepOut(pool, Reason.BREAKER_OF_FAILURES);
        pool.registry().maintenance("c");

        assertThat(refusal(pool, after("a"))).contains("fail fast", "1 breaker open");
    }

    @Test
    void callThatIsEligibleSomewhere_butFindsItFull_staysThere() {
        LoadBalancer pool = builder(Reason.BREAKER_OF_FAILURES, Strategies.roundRobin())
                .backends(List.of(
                        backend("a", 0),
                        backend(OUT, 0),
                        Backend.builder("http://c:1").id("c").maxInFlight(1).build()))
                .build();
        keepOut(pool, Reason.BREAKER_OF_FAILURES);
        leaseAt(pool, "c");

        assertThat(refusal(pool, after("a"))).contains("1 full", "1 breaker open", "1 tried in this call");
    }

    @Test
    void limitOfThePool_holds() {
        LoadBalancer pool = builder(Reason.BREAKER_OF_FAILURES, Strategies.roundRobin())
                .backends(List.of(backend("a", 0), backend(OUT, 0), backend("c", 0)))
                .limits(LimitPolicy.maxInFlight(1))
                .build();
        keepOut(pool, Reason.BREAKER_OF_FAILURES);
        leaseAt(pool, "a");

        assertThat(refusal(pool, after("a", "c"))).contains("the pool is full");
    }

    @Test
    void success_leavesTheBreakerToItsTrial_andFailure_doesNotProlongIt() {
        LoadBalancer pool = pool(Reason.BREAKER_OF_FAILURES, Strategies.roundRobin());

        lease(pool, after("a", "c")).complete(Outcome.SUCCESS);
        lease(pool, after("a", "c")).complete(Outcome.NEVER_SENT);
        assertThat(status(pool, OUT).breaker()).isEqualTo(BreakerState.OPEN);
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(status(pool, OUT).breaker()).isEqualTo(BreakerState.HALF_OPEN);
    }

    @Test
    void explanation_saysWhyItIsUsed() {
        LoadBalancer pool = pool(Reason.BREAKER_OF_REFUSED_CONNECTIONS, Strategies.roundRobin());

        Decision why = pool.explain(after("a", "c"));
        assertThat(why.with(pool.acquire(after("a", "c"))).toString())
                .contains(
                        "chose out: used although its breaker is open: it cannot be reached; nothing better is left for"
                                + " this call");
        assertThat(pool.explain(after("a")).reasons())
                .containsOnly(Map.entry(Ineligibility.TRIED, 1), Map.entry(Ineligibility.BREAKER_OPEN, 1));
    }
}
