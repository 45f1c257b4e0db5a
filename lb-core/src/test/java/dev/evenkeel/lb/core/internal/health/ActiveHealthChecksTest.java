package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ActiveHealthChecksTest {
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
    void firstSuccess_decidesAtOnce() {
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ZERO);

        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        assertThat(status(pool, A).healthCause()).isEqualTo("fine");
    }

    @Test
    void firstFailures_needFall_atTheFastInterval_andTheBackendCountsAsUpUntilThen() {
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(
                        HealthCheckPolicy.builder(check).jitterPercent(0).build())
                .build();
        fixture.time.advance(Duration.ofMillis(200));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UNKNOWN);
        assertThat(status(pool, A).healthCause()).isEqualTo("1 of 3 failures: sick");
        assertThat(call(pool, 9)).containsEntry(A, 3);

        fixture.time.advance(Duration.ofMillis(799));
        assertThat(status(pool, A).healthCause()).isEqualTo("2 of 3 failures: sick");
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertThat(status(pool, A).healthCause()).isEqualTo("sick");
        assertThat(call(pool, 10)).containsOnlyKeys(B, C);
    }

    @Test
    void firstFailure_thenASuccess_isUpAtOnce() {
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofMillis(200));
        sick.clear();
        fixture.time.advance(Duration.ofMillis(600));

        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        assertThat(fixture.events(HealthChanged.class))
                .extracting(HealthChanged::after)
                .containsOnly(HealthState.UP);
    }

    @Test
    void firstFailure_ofABackendThatStartsDown_decidesAtOnce() {
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(HealthCheckPolicy.builder(check)
                        .initialState(HealthState.DOWN)
                        .build())
                .build();
        fixture.time.advance(Duration.ZERO);

        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertThat(status(pool, A).healthCause()).isEqualTo("sick");
        assertThat(call(pool, 10)).containsOnlyKeys(B, C);
    }

    /** A first answer of each replica takes longer than the timeout, as that of a cold JVM does. */
    @Test
    void slowFirstChecks_ofEveryReplica_costNoCall() {
        Set<String> warm = ConcurrentHashMap.newKeySet();
        LoadBalancer pool = pool().healthCheck(HealthCheckPolicy.of((backend, timeout) -> {
                    CompletableFuture<HealthResult> answer = new CompletableFuture<>();
                    Duration latency = warm.add(backend.id()) ? Duration.ofMillis(1_300) : Duration.ofMillis(3);
                    fixture.time.schedule(() -> answer.complete(HealthResult.healthy("fine")), latency);
                    return answer;
                }))
                .build();
        for (int i = 0; i < 250; i++) {
            fixture.time.advance(Duration.ofMillis(20));
            lease(pool).complete(Outcome.SUCCESS);
        }

        assertThat(fixture.events(HealthChanged.class))
                .extracting(HealthChanged::after)
                .containsExactly(HealthState.UP, HealthState.UP, HealthState.UP);
    }

    @Test
    void newUri_thatFailsItsFirstCheck_keepsItsHealthUntilFall() {
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofSeconds(1));
        sick.add(A);
        pool.registry()
                .replaceAll(List.of(
                        Backend.builder("http://moved:1").id(A).build(),
                        Backend.of("http://b:1"),
                        Backend.of("http://c:1")));
        fixture.time.advance(Duration.ZERO);
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
    }

    @Test
    void fallAndRise_needTheirThresholds_atTheFastIntervalOnceInDoubt() {
        LoadBalancer pool = pool().healthCheck(HealthCheckPolicy.builder(check)
                        .jitterPercent(0)
                        .rise(2)
                        .fall(3)
                        .build())
                .build();
        fixture.time.advance(Duration.ofSeconds(10));
        sick.add(A);
        fixture.time.advance(Duration.ofMillis(2_999));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);

        sick.clear();
        fixture.time.advance(Duration.ofMillis(2_499));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        assertThat(fixture.events(HealthChanged.class).stream()
                        .filter(e -> e.backend().id().equals(A))
                        .map(HealthChanged::after))
                .containsExactly(HealthState.UP, HealthState.DOWN, HealthState.UP);
        assertThat(fixture.events(HealthChanged.class))
                .extracting(HealthChanged::cause)
                .containsOnly("fine", "sick");
    }

    @Test
    void allDown_isAnErrorThatCountsThem_andRecoversByItself() {
        sick.addAll(Set.of(A, B, C));
        LoadBalancer pool = pool().healthCheck(check).build();
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(refusal(pool)).isEqualTo("pool \"users\" has no backend available: 3 backends (3 down)");

        sick.clear();
        fixture.time.advance(HealthCheckPolicy.of(check).interval());

        assertThat(call(pool, 9)).containsOnlyKeys(A, B, C);
    }

    /** Otherwise a strategy that goes by past failures would leave it idle for as long as it remembers them. */
    @Test
    void failures_beforeTheChecksFoundItDown_areForgottenWithItsReturn() {
        List<Double> seen = new CopyOnWriteArrayList<>();
        LoadBalancer pool = pool().strategy(context -> request -> {
                    Candidate first = context.candidates().get(0);
                    seen.add(first.failureRate(fixture.time.nanoTime()));
                    return first;
                })
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(OutlierDetectors.none())
                .healthCheck(check)
                .build();
        fixture.time.advance(Duration.ofSeconds(1));
        call(pool, 20, Map.of(A, Outcome.FAILED));
        assertThat(seen.get(19)).isGreaterThan(0.5);
        sick.add(A);
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        sick.clear();
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
        seen.clear();
        call(pool, 1);
        assertThat(seen).containsExactly(0.0);
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
        fixture.time.advance(Duration.ZERO);
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
    }

    @Test
    void newUri_isCheckedAfresh_andTheOldOnesResultNoLongerCounts() {
        List<CompletableFuture<HealthResult>> checks = new CopyOnWriteArrayList<>();
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .healthCheck((backend, timeout) -> {
                    CompletableFuture<HealthResult> result = new CompletableFuture<>();
                    checks.add(result);
                    return result;
                })
                .build();
        fixture.time.advance(Duration.ZERO);
        pool.registry()
                .replaceAll(List.of(Backend.builder("http://moved:1").id(A).build(), Backend.of("http://b:1")));
        fixture.time.advance(Duration.ZERO);

        assertThat(checks).hasSize(3);
        assertThat(checks.get(0)).isCancelled();
        checks.get(2).complete(HealthResult.healthy("moved"));
        assertThat(status(pool, A).healthCause()).isEqualTo("moved");
    }

    @Test
    void backendThatStartsDown_getsNothingBeforeItsFirstSuccess() {
        CompletableFuture<HealthResult> first = new CompletableFuture<>();
        LoadBalancer pool = fixture.builder("http://a:1")
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> first)
                        .initialState(HealthState.DOWN)
                        .build())
                .build();
        fixture.time.advance(Duration.ZERO);
        assertThat(refusal(pool)).isEqualTo("pool \"users\" has no backend available: 1 backend (1 down)");
        assertThat(status(pool, A).healthCause()).isEqualTo("not checked yet");

        first.complete(HealthResult.healthy("ready"));
        lease(pool).complete(Outcome.SUCCESS);
    }

    @Test
    void checks_areSkippedWhileCallsProveABackendHealthy() {
        Map<String, Integer> checked = new ConcurrentHashMap<>();
        LoadBalancer pool = pool().healthCheck(HealthCheckPolicy.builder((backend, timeout) -> {
                            checked.merge(backend.id(), 1, Integer::sum);
                            return check.check(backend, timeout);
                        })
                        .skipProven(true)
                        .build())
                .build();
        fixture.time.advance(Duration.ZERO);
        assertThat(checked).containsEntry(A, 1).containsEntry(B, 1).containsEntry(C, 1);
        for (int second = 0; second < 20; second++) {
            call(pool, 3);
            fixture.time.advance(Duration.ofSeconds(1));
        }
        assertThat(checked).containsEntry(A, 1).containsEntry(B, 1).containsEntry(C, 1);

        call(pool, 3, Map.of(A, Outcome.FAILED));
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(checked).containsEntry(A, 2).containsEntry(B, 1).containsEntry(C, 1);

        fixture.time.advance(Duration.ofSeconds(3));
        assertThat(checked.get(B)).isGreaterThan(1);
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

    /** After a total outage all breakers are half-open together: what their trials have no place for must not fail. */
    @Test
    void halfOpen_everywhere_turnsNobodyAway_andClosesByItsTrials() {
        LoadBalancer pool = breakerPool();
        call(pool, 300, Map.of(A, Outcome.NEVER_SENT, B, Outcome.NEVER_SENT, C, Outcome.NEVER_SENT));
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(pool.snapshot().backends())
                .extracting(BackendStatus::breaker)
                .containsOnly(BreakerState.HALF_OPEN);

        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            leases.add(lease(pool));
        }
        leases.forEach(lease -> lease.complete(Outcome.SUCCESS));

        assertThat(pool.snapshot().backends())
                .extracting(BackendStatus::breaker)
                .containsOnly(BreakerState.CLOSED);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void halfOpen_besideABackendThatServes_getsItsTrialsAlone() {
        LoadBalancer pool = breakerPool();
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            leases.add(lease(pool));
        }
        assertThat(leases.stream().filter(lease -> lease.backend().id().equals(A)))
                .hasSize(3);
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
                .isEqualTo("consecutive failures; the other backends fail 0 %");
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
