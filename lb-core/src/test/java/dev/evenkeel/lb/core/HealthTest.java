package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.event.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final String C = "c:1";

    private final PoolFixture fixture = new PoolFixture();
    private final Set<String> sick = ConcurrentHashMap.newKeySet();

    private LoadBalancerBuilder pool() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1").strategy(Strategies.roundRobin());
    }

    private final HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
            sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine"));

    // Active checks.

    @Test
    void firstCheck_decidesAtOnce() {
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofMillis(200));

        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertThat(status(pool, A).healthCause()).isEqualTo("sick");
        assertThat(call(pool, 10)).containsOnlyKeys(B, C);
    }

    @Test
    void fallAndRise_needTheirThresholds() {
        LoadBalancer pool = pool().healthCheck(HealthCheckPolicy.of(check).withThresholds(2, 3))
                .build();
        fixture.time.advance(Duration.ofSeconds(10));
        sick.add(A);
        fixture.time.advance(Duration.ofMillis(3_500));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        fixture.time.advance(Duration.ofSeconds(4));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);

        sick.clear();
        fixture.time.advance(Duration.ofMillis(1_800));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        fixture.time.advance(Duration.ofSeconds(4));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        assertThat(fixture.events(HealthChanged.class).stream()
                        .filter(e -> e.backend().id().equals(A))
                        .map(HealthChanged::after))
                .containsExactly(HealthState.UP, HealthState.DOWN, HealthState.UP);
    }

    @Test
    void allDown_isAnErrorThatCountsThem_andRecoversByItself() {
        sick.addAll(Set.of(A, B, C));
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(refusal(pool)).isEqualTo("pool \"users\" has no backend available: 3 backends (3 down)");

        sick.clear();
        fixture.time.advance(Duration.ofSeconds(6));

        assertThat(call(pool, 9)).containsOnlyKeys(A, B, C);
    }

    @Test
    void check_thatThrows_isUnhealthyWithTheReason() {
        LoadBalancer pool = pool().healthCheck((backend, timeout) -> {
                    throw new IllegalStateException("broken");
                })
                .build();
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(status(pool, A).healthCause()).isEqualTo("the check threw java.lang.IllegalStateException: broken");
    }

    @Test
    void check_thatHangs_isUnhealthyAtTheTimeout_andCancelled() {
        List<CompletableFuture<HealthResult>> checks = new CopyOnWriteArrayList<>();
        LoadBalancer pool = pool().healthCheck((backend, timeout) -> {
                    CompletableFuture<HealthResult> never = new CompletableFuture<>();
                    checks.add(never);
                    return never;
                })
                .build();
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(status(pool, A).healthCause()).isEqualTo("no result within PT1S");
        assertThat(checks).hasSize(3).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void maintenance_stopsChecks_andActivateStartsThemAfresh() {
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofSeconds(1));
        pool.registry().maintenance(A);
        sick.clear();

        pool.registry().activate(A);
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UNKNOWN);
        assertThat(call(pool, 9)).containsKey(A);
    }

    @Test
    void close_stopsEveryTimer() {
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofSeconds(5));
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        pool.registry().drain(B);
        assertThat(fixture.time.pendingTimers()).isGreaterThan(3);
        pool.close();

        assertThat(fixture.time.pendingTimers()).isZero();
    }

    // Breaker.

    private LoadBalancer breakerPool() {
        return pool().outlierDetection(OutlierDetectors.none()).build();
    }

    @Test
    void breaker_opensOnFailures_andClosesAfterItsTrials() {
        LoadBalancer pool = breakerPool();
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
        assertThat(call(pool, 10)).containsOnlyKeys(B, C);

        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(call(pool, 30)).containsKey(A);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(fixture.events(BreakerChanged.class).stream().map(BreakerChanged::after))
                .containsExactly(BreakerState.OPEN, BreakerState.HALF_OPEN, BreakerState.CLOSED);
    }

    @Test
    void halfOpen_admitsOnlyItsTrials_andAFailureOpensForLonger() {
        LoadBalancer pool = breakerPool();
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));

        Map<String, Integer> calls = call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(calls.get(A)).isEqualTo(3);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
        fixture.time.advance(Duration.ofMillis(1_500));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
        fixture.time.advance(Duration.ofMillis(1_000));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
    }

    @Test
    void halfOpen_withTrialsThatNeverEnd_opensAgain_soThatNothingIsWedged() {
        LoadBalancer pool = breakerPool();
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));
        for (int i = 0; i < 9; i++) {
            lease(pool);
        }
        assertThat(call(pool, 10)).containsOnlyKeys(B, C);

        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
        fixture.time.advance(Duration.ofSeconds(3));
        assertThat(call(pool, 30)).containsKey(A);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void cancelledTrials_giveTheirPermissionBack() {
        LoadBalancer pool = breakerPool();
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));

        assertThat(call(pool, 60, Map.of(A, Outcome.CANCELLED)).get(A)).isEqualTo(20);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
    }

    @Test
    void lastBackend_isNeverTakenOutByItsBreaker() {
        LoadBalancer pool = breakerPool();
        call(pool, 300, Map.of(A, Outcome.NEVER_SENT, B, Outcome.NEVER_SENT, C, Outcome.NEVER_SENT));

        Lease lease = lease(pool);
        lease.complete(Outcome.SUCCESS);
    }

    @Test
    void mostOfThePoolFailing_keepsAllInUse_becauseTheFaultIsElsewhere() {
        LoadBalancer pool = breakerPool();
        call(pool, 300, Map.of(A, Outcome.SERVER_ERROR, B, Outcome.SERVER_ERROR));

        assertThat(call(pool, 9)).containsOnlyKeys(A, B, C);
    }

    @Test
    void unreachableBackends_stayOut_howeverManyTheyAre() {
        LoadBalancer pool = breakerPool();
        call(pool, 300, Map.of(A, Outcome.NEVER_SENT, B, Outcome.NEVER_SENT));

        assertThat(call(pool, 9)).containsOnlyKeys(C);
    }

    @Test
    void breakerOff_neverOpens() {
        LoadBalancer pool = pool().circuitBreaker(BreakerPolicy.off())
                .outlierDetection(OutlierDetectors.none())
                .build();

        assertThat(call(pool, 300, Map.of(A, Outcome.SERVER_ERROR)).get(A)).isEqualTo(100);
    }

    // Outliers.

    private LoadBalancer ejectingPool() {
        return pool().circuitBreaker(BreakerPolicy.off()).build();
    }

    @Test
    void threeFailuresInARow_ejectTheBackend_andOneSuccessBringsItBack() {
        LoadBalancer pool = ejectingPool();
        call(pool, 9, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(call(pool, 10)).containsOnlyKeys(B, C);
        assertThat(fixture.events(BackendEjected.class)).hasSize(1);
        assertThat(fixture.events(BackendEjected.class).get(0).cause())
                .isEqualTo("consecutive failures; the others fail 0 %");
        assertThat(status(pool, A).ejectedFor()).isNotNull();

        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(call(pool, 9)).containsEntry(A, 3);
    }

    @Test
    void returnedBackend_takesOneCallAtATime_andAFailureEjectsForLonger() {
        LoadBalancer pool = ejectingPool();
        call(pool, 9, Map.of(A, Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));
        for (int i = 0; i < 6; i++) {
            lease(pool);
        }
        assertThat(status(pool, A).inFlight()).isEqualTo(1);

        LoadBalancer other = ejectingPool();
        call(other, 9, Map.of(A, Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(call(other, 9, Map.of(A, Outcome.SERVER_ERROR))).containsEntry(A, 1);
        fixture.time.advance(Duration.ofMillis(1_500));
        assertThat(status(other, A).ejectedFor()).isNotNull();
        fixture.time.advance(Duration.ofMillis(1_000));
        assertThat(status(other, A).ejectedFor()).isNull();
    }

    @Test
    void everybodyFailing_ejectsNobody() {
        LoadBalancer pool = ejectingPool();
        call(pool, 300, Map.of(A, Outcome.SERVER_ERROR, B, Outcome.SERVER_ERROR, C, Outcome.SERVER_ERROR));

        assertThat(call(pool, 9)).containsOnlyKeys(A, B, C);
    }

    @Test
    void solePeer_isNeverEjected() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .build();

        assertThat(call(pool, 20, Map.of(A, Outcome.NEVER_SENT))).containsEntry(A, 20);
    }
}
