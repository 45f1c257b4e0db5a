package dev.evenkeel.lb.core.internal.pool;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an attempt takes when it begins, and gives back when it may not begin or has ended. */
@Timeout(60)
class AttemptTrackerTest {
    private static final String A = "a:1";

    private final PoolFixture fixture = new PoolFixture();

    /** Picks one backend, if the request permits it, whatever its state: as a strategy that has looked too early. */
    private static LoadBalancingStrategy alwaysA() {
        return context -> request -> context.candidates().stream()
                .filter(candidate ->
                        request.permitted() == null || request.permitted().test(candidate.backend()))
                .min(Comparator.comparing(candidate -> !candidate.backend().id().equals(A)))
                .orElse(null);
    }

    private LoadBalancerBuilder pool(int maxInFlight) {
        return fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(maxInFlight).build())
                .backend(Backend.of("http://b:1"))
                .strategy(alwaysA());
    }

    private LoadBalancer breaking(int maxInFlight) {
        return pool(maxInFlight).outlierDetection(OutlierDetectors.none()).build();
    }

    private LoadBalancer ejecting(int maxInFlight) {
        return pool(maxInFlight)
                .outlierDetection(OutlierDetectors.relative())
                .circuitBreaker(BreakerPolicy.off())
                .build();
    }

    private static RequestContext at(String id) {
        return RequestContext.NONE.withPermitted(backend -> backend.id().equals(id));
    }

    /** Lets A fail until it is out, and waits for its trial. */
    private void putOnTrial(LoadBalancer pool) {
        for (int i = 0; i < 10; i++) {
            lease(pool, at("b:1")).complete(Outcome.SUCCESS);
            if (status(pool, A).ineligibilities().isEmpty()) {
                lease(pool, at(A)).complete(Outcome.SERVER_ERROR);
            }
        }
        assertThat(status(pool, A).ineligibilities()).isNotEmpty();
        fixture.time.advance(Duration.ofMillis(1_300));
    }

    private static boolean takes(LoadBalancer pool) {
        return pool.acquire(RequestContext.NONE) instanceof Lease;
    }

    // What an attempt gives back that may not begin.

    @Test
    void callBeyondTheLimit_givesThePermissionOfAHalfOpenBreakerBack() {
        LoadBalancer pool = breaking(2);
        Lease held = lease(pool, at(A));
        putOnTrial(pool);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        Lease first = lease(pool);
        for (int i = 0; i < 5; i++) {
            assertThat(takes(pool)).isFalse();
        }
        assertThat(status(pool, A).inFlight()).isEqualTo(2);

        held.complete(Outcome.DISCARDED);
        first.complete(Outcome.SUCCESS);
        lease(pool).complete(Outcome.SUCCESS);
        lease(pool).complete(Outcome.SUCCESS);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void callBeyondTheLimit_givesTheCallOfATrialBack() {
        LoadBalancer pool = ejecting(2);
        Lease held = lease(pool, at(A));
        for (int i = 0; i < 3; i++) {
            lease(pool, at("b:1")).complete(Outcome.SUCCESS);
            lease(pool, at(A)).complete(Outcome.SERVER_ERROR);
        }
        assertThat(status(pool, A).ejectedFor()).isNotNull();
        pool.registry()
                .replaceAll(List.of(Backend.builder("http://a:1").maxInFlight(1).build(), Backend.of("http://b:1")));
        fixture.time.advance(Duration.ofMillis(1_300));
        for (int i = 0; i < 3; i++) {
            assertThat(takes(pool)).isFalse();
        }

        held.complete(Outcome.DISCARDED);

        Lease trial = lease(pool);
        assertThat(trial.backend().id()).isEqualTo(A);
        trial.complete(Outcome.SUCCESS);
    }

    @Test
    void strategyThatIgnoresATrial_getsOneCallIn() {
        LoadBalancer pool = ejecting(100);
        putOnTrial(pool);
        Lease trial = lease(pool);
        assertThat(trial.backend().id()).isEqualTo(A);

        assertThat(takes(pool)).isFalse();
        assertThat(status(pool, A).inFlight()).isEqualTo(1);
        trial.complete(Outcome.SUCCESS);
        assertThat(takes(pool)).isTrue();
    }

    /** Half-open and on trial at once: a call that the trial refuses takes no permission of the breaker. */
    @Test
    void callThatATrialRefuses_givesThePermissionOfTheBreakerBack() {
        LoadBalancer pool = pool(100)
                .outlierDetection(OutlierDetectors.relative())
                .circuitBreaker(BreakerPolicy.builder()
                        .minCalls(3)
                        .failureRatePercent(50)
                        .build())
                .build();
        putOnTrial(pool);
        fixture.time.advance(Duration.ofMillis(300));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        Lease trial = lease(pool);
        for (int i = 0; i < 5; i++) {
            assertThat(takes(pool)).isFalse();
        }
        trial.complete(Outcome.SUCCESS);
        lease(pool).complete(Outcome.SUCCESS);
        lease(pool).complete(Outcome.SUCCESS);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
    }

    // What the end of an attempt does although code of the application throws.

    private static final class Fatal implements AttemptObserver {
        @Override
        public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
            if (backend.id().equals(A)) {
                throw new OutOfMemoryError("test");
            }
        }
    }

    @Test
    void trialCall_endsTheTrial_thoughAnObserverRunsOutOfMemory() {
        LoadBalancer pool = ejecting(100);
        putOnTrial(pool);
        pool.addObserver(new Fatal());
        Lease trial = lease(pool);
        assertThatThrownBy(() -> trial.complete(Outcome.SUCCESS)).isInstanceOf(OutOfMemoryError.class);

        Lease next = lease(pool);
        assertThat(takes(pool)).isTrue();
        assertThat(next.backend().id()).isEqualTo(A);
    }

    @Test
    void strategyThatRunsOutOfMemory_isHeard_whenTheCallHasEnded() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(context -> new Picker() {
                    @Override
                    public Candidate pick(PickRequest request) {
                        return context.candidates().get(0);
                    }

                    @Override
                    public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
                        throw new OutOfMemoryError("test");
                    }
                })
                .build();
        Lease lease = lease(pool);
        assertThatThrownBy(() -> lease.complete(Outcome.SUCCESS)).isInstanceOf(OutOfMemoryError.class);

        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(pool.figures().faults()).isEqualTo(1);
    }

    // Calls that prove a backend.

    @Test
    void failure_endsTheProofOfTheSuccessBefore_andAThrottledCallDoesNot() {
        AtomicInteger checks = new AtomicInteger();
        LoadBalancer pool = fixture.builder("http://a:1")
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(OutlierDetectors.none())
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> {
                            checks.incrementAndGet();
                            return CompletableFuture.completedFuture(HealthResult.healthy("fine"));
                        })
                        .interval(Duration.ofSeconds(2))
                        .jitterPercent(0)
                        .skipProven(true)
                        .build())
                .build();
        fixture.time.advance(Duration.ofMillis(1_900));
        List<Integer> seen = new ArrayList<>();
        for (Outcome last : List.of(Outcome.SUCCESS, Outcome.THROTTLED, Outcome.FAILED, Outcome.SUCCESS)) {
            lease(pool).complete(Outcome.SUCCESS);
            lease(pool).complete(last);
            fixture.time.advance(Duration.ofSeconds(2));
            seen.add(checks.get());
        }

        assertThat(seen).containsExactly(1, 1, 2, 2);
    }

    // Retries.

    private static RequestContext retry(Supplier<AttemptKind> kind) {
        return new RequestContext() {
            @Override
            public AttemptKind attemptKind() {
                return kind.get();
            }
        };
    }

    private static long retries(LoadBalancer pool) {
        return pool.figures().backends().get(A).retries();
    }

    @Test
    void attemptOfTheKindRetry_isCounted_andNoOther() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        for (AttemptKind kind : AttemptKind.values()) {
            lease(pool, retry(() -> kind)).complete(Outcome.SUCCESS);
        }

        assertThat(retries(pool)).isEqualTo(1);
    }

    @Test
    void kindThatCannotBeAsked_isNoRetry_andTheCallGoesOn() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        lease(pool, retry(() -> {
                    throw new IllegalStateException("test");
                }))
                .complete(Outcome.SUCCESS);

        assertThat(retries(pool)).isZero();
        assertThat(pool.figures().faults()).isEqualTo(1);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void kindThatRunsOutOfMemory_isHeard_andNoCallIsLeft() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        assertThatThrownBy(() -> lease(pool, retry(() -> {
                    throw new OutOfMemoryError("test");
                })))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(pool.snapshot().inFlight()).isZero();
    }
}
