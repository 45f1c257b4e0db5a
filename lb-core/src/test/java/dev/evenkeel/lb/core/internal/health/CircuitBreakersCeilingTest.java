package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How much of a pool breakers take out, alone and together with ejections. */
class CircuitBreakersCeilingTest {
    private final PoolFixture fixture = new PoolFixture();
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private int mostOut;

    static List<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all();
    }

    private LoadBalancerBuilder builder(int backends) {
        LoadBalancerBuilder builder = fixture.builder().strategy(Strategies.roundRobin());
        for (int i = 0; i < backends; i++) {
            builder.backend(Backend.builder("http://b" + i).id("b" + i).build());
        }
        return builder;
    }

    private LoadBalancer pool(int backends) {
        return builder(backends).outlierDetection(OutlierDetectors.none()).build();
    }

    /** Makes calls, one in 10 ms. Returns how many each backend got. */
    private Map<String, Integer> call(LoadBalancer pool, int calls) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < calls; i++) {
            int number = i;
            Lease lease = lease(pool, new RequestContext() {
                @Override
                public String affinityKey() {
                    return "key-" + number;
                }
            });
            counts.merge(lease.backend().id(), 1, Integer::sum);
            fixture.time.advance(Duration.ofMillis(10));
            lease.complete(outcomes.getOrDefault(lease.backend().id(), Outcome.SUCCESS));
            mostOut = Math.max(mostOut, out(pool));
        }
        return counts;
    }

    private static int out(LoadBalancer pool) {
        return (int) pool.snapshot().backends().stream()
                .filter(backend -> backend.ejectedFor() != null || backend.breaker() != BreakerState.CLOSED)
                .count();
    }

    private static long open(LoadBalancer pool) {
        return pool.snapshot().backends().stream()
                .map(BackendStatus::breaker)
                .filter(state -> state == BreakerState.OPEN)
                .count();
    }

    private void fail(Outcome outcome, int from, int to) {
        for (int i = from; i < to; i++) {
            outcomes.put("b" + i, outcome);
        }
    }

    @Test
    void allFailing_breakersTakeOutThreeOfTenAtMost() {
        LoadBalancer pool = pool(10);
        fail(Outcome.SERVER_ERROR, 0, 10);

        call(pool, 3_000);

        assertThat(mostOut).isEqualTo(3);
    }

    @Test
    void allFailing_inAPoolOfThree_breakersTakeOutOne() {
        LoadBalancer pool = pool(3);
        fail(Outcome.TIMED_OUT, 0, 3);

        call(pool, 1_000);

        assertThat(mostOut).isEqualTo(1);
    }

    @Test
    void ceiling_isSettable() {
        LoadBalancer pool = builder(10)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder().maxOpenPercent(50).build())
                .build();
        fail(Outcome.SERVER_ERROR, 0, 10);

        call(pool, 3_000);

        assertThat(mostOut).isBetween(4, 5);
    }

    @Test
    void twoOfFourFailing_areBothOut_whileTheOthersDoWell() {
        LoadBalancer pool = pool(4);
        fail(Outcome.SERVER_ERROR, 0, 2);
        call(pool, 200);

        assertThat(open(pool)).isEqualTo(2);
        assertThat(call(pool, 20)).containsOnlyKeys("b2", "b3");
    }

    /** Each of eight backends of ten fails; the mean share of failures of the used backends is 60 % and more. */
    @Test
    void eightOfTenFailing_areOutUpToThePanic_whileTwoWorkWell() {
        LoadBalancer pool = pool(10);
        fail(Outcome.SERVER_ERROR, 0, 8);

        call(pool, 300);

        assertThat(mostOut).isGreaterThanOrEqualTo(5);
    }

    @Test
    void breakersBeyondTheCeiling_areLetGo_whenTheOthersFailToo() {
        LoadBalancer pool = pool(4);
        fail(Outcome.SERVER_ERROR, 0, 2);
        call(pool, 200);
        assertThat(open(pool)).isEqualTo(2);

        fail(Outcome.SERVER_ERROR, 2, 4);
        call(pool, 30);

        assertThat(out(pool)).isEqualTo(1);
        assertThat(fixture.events(BreakerChanged.class))
                .filteredOn(event -> event.after() == BreakerState.CLOSED)
                .first()
                .extracting(BreakerChanged::cause)
                .isEqualTo("more than 30 % of the pool is out, and of the 2 backends in use 0 work well");
        mostOut = 0;
        call(pool, 500);
        assertThat(mostOut).isEqualTo(1);
    }

    @Test
    void breakerThatWasHeldBack_opens_whenThereIsRoom() {
        LoadBalancer pool = pool(10);
        fail(Outcome.SERVER_ERROR, 0, 10);
        call(pool, 1_000);
        assertThat(out(pool)).isLessThanOrEqualTo(3);

        outcomes.clear();
        fail(Outcome.SERVER_ERROR, 0, 2);
        call(pool, 3_000);

        assertThat(pool.snapshot().backend("b0").breaker()).isNotEqualTo(BreakerState.CLOSED);
        assertThat(pool.snapshot().backend("b1").breaker()).isNotEqualTo(BreakerState.CLOSED);
        assertThat(out(pool)).isEqualTo(2);
    }

    @Test
    void breakersAndEjections_areCountedTogether() {
        LoadBalancer pool = builder(10)
                .outlierDetection(XdsOutlierDetector.builder()
                        .errorsInARow(5)
                        .ejection(EjectionPolicy.envoy().toBuilder()
                                .maxEjectionPercent(20)
                                .build())
                        .build())
                .build();
        fail(Outcome.SERVER_ERROR, 0, 10);

        call(pool, 3_000);

        assertThat(mostOut).isBetween(1, 3);
    }

    @Test
    void deadBackends_takeNoRoom_ofTheCeiling() {
        LoadBalancer pool = pool(10);
        fail(Outcome.NEVER_SENT, 0, 5);
        fail(Outcome.SERVER_ERROR, 5, 6);
        call(pool, 600);

        assertThat(open(pool)).isEqualTo(6);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void ofThree_oneDeadAndOneFailing_theThirdGetsTheCalls(LoadBalancingStrategy strategy) {
        LoadBalancer pool = builder(3).strategy(strategy).build();
        fail(Outcome.NEVER_SENT, 0, 1);
        fail(Outcome.SERVER_ERROR, 1, 2);
        call(pool, 600);

        assertThat(call(pool, 200).get("b2")).isGreaterThan(180);
    }

    /** Which backends a breaker has closed beyond the ceiling, in order. */
    private List<String> letGo() {
        return fixture.events(BreakerChanged.class).stream()
                .filter(event ->
                        event.after() == BreakerState.CLOSED && event.cause().startsWith("more than"))
                .map(event -> event.backend().id())
                .toList();
    }

    private void callUntilOpen(LoadBalancer pool, int breakers) {
        for (int i = 0; i < 100 && open(pool) < breakers; i++) {
            call(pool, 1);
        }
        assertThat(open(pool)).isEqualTo(breakers);
    }

    @Test
    void breakersBeyondTheCeiling_areLetGo_theLatestFirst_andAsManyAsAreBeyondIt() {
        LoadBalancer pool = builder(10)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder()
                        .openDuration(Duration.ofMinutes(1))
                        .maxOpenDuration(Duration.ofMinutes(1))
                        .build())
                .build();
        for (int i : List.of(4, 2, 0, 1, 3)) {
            fail(Outcome.SERVER_ERROR, i, i + 1);
            callUntilOpen(pool, (int) open(pool) + 1);
        }

        fail(Outcome.SERVER_ERROR, 5, 10);
        call(pool, 60);

        assertThat(letGo()).containsExactlyInAnyOrder("b1", "b3");
        assertThat(open(pool)).isEqualTo(3);
        assertThat(call(pool, 20)).containsKeys("b1", "b3").doesNotContainKeys("b0", "b2", "b4");
    }

    @Test
    void ceilingThatHasClosedABreaker_holdsForTenSeconds_howeverWellTheOthersWork() {
        LoadBalancer pool = builder(4)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder()
                        .openDuration(Duration.ofMinutes(1))
                        .maxOpenDuration(Duration.ofMinutes(1))
                        .build())
                .build();
        fail(Outcome.SERVER_ERROR, 0, 2);
        callUntilOpen(pool, 2);
        fail(Outcome.SERVER_ERROR, 2, 4);
        while (letGo().isEmpty()) {
            call(pool, 1);
        }
        assertThat(open(pool)).isEqualTo(1);
        outcomes.remove("b2");
        outcomes.remove("b3");

        for (int i = 0; i < 9; i++) {
            call(pool, 100);
            assertThat(open(pool)).as("after %d s", i + 1).isEqualTo(1);
        }
        call(pool, 300);
        assertThat(open(pool)).as("after 12 s").isEqualTo(2);
    }

    /** Four of ten are out while six work well, and the six fail at the moment of the trial. */
    @Test
    void trialThatFails_whileTooMuchIsOut_closesItsBreaker() {
        LoadBalancer pool = pool(10);
        fail(Outcome.SERVER_ERROR, 0, 4);
        callUntilOpen(pool, 4);
        while (open(pool) == 4) {
            call(pool, 1);
        }
        List<Lease> held = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            held.add(lease(pool));
        }
        List<Lease> trial = held.stream()
                .filter(lease -> Integer.parseInt(lease.backend().id().substring(1)) < 4)
                .toList();
        held.removeAll(trial);
        for (int i = 0; i < 200; i++) {
            lease(pool).complete(Outcome.SERVER_ERROR);
        }
        held.forEach(lease -> lease.complete(Outcome.SERVER_ERROR));
        long version = pool.snapshot().version();
        int changes = fixture.events(BreakerChanged.class).size();
        trial.forEach(lease -> lease.complete(Outcome.SERVER_ERROR));

        assertThat(pool.snapshot().version() - version)
                .as("each change has a snapshot of its own")
                .isEqualTo(fixture.events(BreakerChanged.class).size() - changes)
                .isPositive();
        assertThat(fixture.events(BreakerChanged.class))
                .filteredOn(event -> event.before() == BreakerState.HALF_OPEN)
                .first()
                .satisfies(event -> {
                    assertThat(event.after()).isEqualTo(BreakerState.CLOSED);
                    assertThat(event.cause())
                            .isEqualTo("its trial calls failed, but too much of the pool would be out");
                });
    }

    /** Whether it is looked at again: a hundred calls a second fail, and the policy is not asked each time. */
    @Test
    void breakerThatMayNotOpen_isConsideredAgainAfterATenthOfASecond() {
        LoadBalancer pool = pool(2);
        fail(Outcome.SERVER_ERROR, 0, 2);
        callUntilOpen(pool, 1);
        String open = pool.snapshot().backend("b0").breaker() == BreakerState.OPEN ? "b0" : "b1";
        String other = open.equals("b0") ? "b1" : "b0";
        call(pool, 30);
        assertThat(pool.snapshot().backend(other).breaker()).isEqualTo(BreakerState.CLOSED);

        pool.registry().activate(open);
        pool.registry().maintenance(open);
        pool.registry().activate(open);
        outcomes.remove(open);
        call(pool, 60);
        assertThat(pool.snapshot().backend(other).breaker()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void breakerThatWasHeldBack_doesNotOpenOnceItsBackendWorks() {
        LoadBalancer pool = pool(2);
        fail(Outcome.SERVER_ERROR, 0, 2);
        callUntilOpen(pool, 1);
        call(pool, 60);
        outcomes.clear();
        fixture.events.clear();

        call(pool, 600);

        assertThat(fixture.events(BreakerChanged.class))
                .extracting(BreakerChanged::after)
                .isNotEmpty()
                .doesNotContain(BreakerState.OPEN);
    }

    /** Beside the median of ten seconds there is one of a second: overload shows before it fails. */
    @Test
    void breakerBeyondTheCeiling_staysClosed_whileTheOthersHaveBecomeSlow() {
        LoadBalancer pool = builder(4)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder()
                        .openDuration(Duration.ofMinutes(1))
                        .maxOpenDuration(Duration.ofMinutes(1))
                        .build())
                .build();
        call(pool, 400);
        fail(Outcome.SERVER_ERROR, 0, 1);
        callUntilOpen(pool, 1);
        slowCalls(pool, 60);

        fail(Outcome.SERVER_ERROR, 1, 2);
        slowCalls(pool, 40);
        assertThat(open(pool)).isEqualTo(1);
        assertThat(pool.snapshot().backend("b2").latency()).isLessThan(Duration.ofMillis(20));

        call(pool, 400);
        assertThat(open(pool)).as("when they are fast again").isEqualTo(2);
    }

    /** Successes take ten times as long as usual. */
    private void slowCalls(LoadBalancer pool, int calls) {
        for (int i = 0; i < calls; i++) {
            Lease lease = lease(pool);
            Outcome outcome = outcomes.getOrDefault(lease.backend().id(), Outcome.SUCCESS);
            fixture.time.advance(Duration.ofMillis(outcome == Outcome.SUCCESS ? 100 : 10));
            lease.complete(outcome);
        }
    }

    private static Lease at(LoadBalancer pool, String id) {
        return lease(
                pool, RequestContext.NONE.withPermitted(backend -> backend.id().equals(id)));
    }

    private static void succeedAt(LoadBalancer pool, String id) {
        at(pool, id).complete(Outcome.SUCCESS);
    }

    private static void failAt(LoadBalancer pool, String id, int calls) {
        for (int i = 0; i < calls; i++) {
            at(pool, id).complete(Outcome.SERVER_ERROR);
        }
    }

    private static BreakerState breaker(LoadBalancer pool, String id) {
        return pool.snapshot().backend(id).breaker();
    }

    /** A pool of two: b0 was out when b1's breaker wanted to open, and is not any more. */
    private LoadBalancer withBreakerJustHeldBack() {
        LoadBalancer pool = pool(2);
        failAt(pool, "b0", 10);
        assertThat(breaker(pool, "b0")).isEqualTo(BreakerState.OPEN);
        failAt(pool, "b1", 10);
        assertThat(breaker(pool, "b1")).isEqualTo(BreakerState.CLOSED);
        pool.registry().maintenance("b0");
        pool.registry().activate("b0");
        return pool;
    }

    @Test
    void breakerThatWasHeldBack_beginsANewWindow() {
        LoadBalancer pool = withBreakerJustHeldBack();
        fixture.time.advance(Duration.ofMillis(100));
        failAt(pool, "b1", 9);
        assertThat(breaker(pool, "b1")).isEqualTo(BreakerState.CLOSED);
        failAt(pool, "b1", 1);
        assertThat(breaker(pool, "b1")).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void breakerThatWouldOpen_withinATenthOfASecondAfterARefusal_beginsANewWindow() {
        LoadBalancer pool = withBreakerJustHeldBack();
        fixture.time.advance(Duration.ofMillis(99));
        failAt(pool, "b1", 10);
        assertThat(breaker(pool, "b1")).isEqualTo(BreakerState.CLOSED);
        fixture.time.advance(Duration.ofMillis(1));
        failAt(pool, "b1", 9);
        assertThat(breaker(pool, "b1")).isEqualTo(BreakerState.CLOSED);
        failAt(pool, "b1", 1);
        assertThat(breaker(pool, "b1")).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void breakersBeyondTheCeiling_mayOpenAtOneMoment_whileTheOthersWorkWell() {
        LoadBalancer pool = pool(10);
        call(pool, 100);
        for (int i = 0; i < 5; i++) {
            failAt(pool, "b" + i, 10);
        }
        assertThat(open(pool)).isEqualTo(5);
    }

    @Test
    void failuresOfTheUsedBackends_causeNoSnapshot_whileEnoughOfThemWorkWell() {
        LoadBalancer pool = builder(4)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(longOpen())
                .build();
        fail(Outcome.SERVER_ERROR, 0, 2);
        callUntilOpen(pool, 2);
        outcomes.clear();
        call(pool, 50);
        long version = pool.snapshot().version();
        fail(Outcome.SERVER_ERROR, 2, 3);
        call(pool, 4);
        assertThat(open(pool)).isEqualTo(2);
        assertThat(pool.snapshot().version()).isEqualTo(version);
    }

    private static BreakerPolicy longOpen() {
        return BreakerPolicy.builder()
                .openDuration(Duration.ofMinutes(1))
                .maxOpenDuration(Duration.ofMinutes(1))
                .build();
    }

    /** Letting a dead one go would bring nothing back. */
    @Test
    void breakersOfDeadBackends_areNotLetGo() {
        LoadBalancer pool = builder(10)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(longOpen())
                .build();
        for (int i = 0; i < 4; i++) {
            fail(Outcome.SERVER_ERROR, i, i + 1);
            callUntilOpen(pool, i + 1);
        }
        fail(Outcome.NEVER_SENT, 4, 5);
        callUntilOpen(pool, 5);

        fail(Outcome.SERVER_ERROR, 5, 10);
        call(pool, 60);

        assertThat(letGo()).containsExactlyInAnyOrder("b2", "b3");
        assertThat(breaker(pool, "b4")).isEqualTo(BreakerState.OPEN);
    }

    /** Half of the calls of the open ones failed: one in use of which more than a quarter fail is not clearly better. */
    @Test
    void backendsInUse_areComparedWithTheShareOfFailuresOfTheOpenOnes() {
        LoadBalancer pool = builder(4)
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(longOpen())
                .build();
        call(pool, 100);
        for (String id : List.of("b0", "b1")) {
            for (int i = 0; i < 10 && breaker(pool, id) == BreakerState.CLOSED; i++) {
                failAt(pool, id, 1);
                succeedAt(pool, id);
            }
        }
        assertThat(open(pool)).isEqualTo(2);
        fixture.time.advance(Duration.ofSeconds(6));
        failAt(pool, "b2", 1);
        failAt(pool, "b3", 1);
        succeedAt(pool, "b3");
        assertThat(pool.snapshot().backend("b3").failureRate()).isBetween(0.28, 0.29);
        fixture.time.advance(Duration.ofMillis(100));
        assertThat(letGo()).isEmpty();
        failAt(pool, "b2", 1);
        assertThat(letGo()).containsExactly("b1");
    }
}
