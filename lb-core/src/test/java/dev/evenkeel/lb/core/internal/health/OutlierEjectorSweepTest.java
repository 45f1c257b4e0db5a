package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which backends a sweep sees and may eject, which calls count for a trial, and what becomes of a detector that throws. */
class OutlierEjectorSweepTest {
    private static final Duration SWEEP = Duration.ofSeconds(5);

    private final PoolFixture fixture = new PoolFixture();
    private final List<List<String>> swept = new ArrayList<>();
    private List<String> proposals = List.of();
    private @Nullable Throwable thrown;

    /** Proposes what the test says at each sweep, and each call that timed out. */
    private final class Driven implements OutlierDetector {
        @Override
        public Detection newDetection(TimeSource timeSource) {
            return new Detection() {
                @Override
                public @Nullable String observe(
                        Candidate candidate,
                        Outcome outcome,
                        long latencyNanos,
                        long nowNanos,
                        List<? extends Candidate> peers) {
                    fail();
                    return outcome == Outcome.TIMED_OUT ? "it timed out" : null;
                }

                @Override
                public Duration sweepInterval() {
                    return SWEEP;
                }

                @Override
                public void sweep(
                        long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {
                    fail();
                    swept.add(peers.stream().map(peer -> peer.backend().id()).toList());
                    for (Candidate peer : peers) {
                        if (proposals.contains(peer.backend().id())) {
                            eject.accept(peer, "swept");
                        }
                    }
                }
            };
        }

        private void fail() {
            if (thrown instanceof RuntimeException e) {
                throw e;
            }
            if (thrown instanceof Error e) {
                throw e;
            }
        }
    }

    private LoadBalancerBuilder builder() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1", "http://d:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(new Driven())
                .ejection(EjectionPolicy.builder()
                        .baseDuration(Duration.ofSeconds(7))
                        .maxEjectionPercent(30)
                        .trial(true)
                        .build());
    }

    private static Lease at(LoadBalancer pool, String id) {
        return lease(
                pool, RequestContext.NONE.withPermitted(backend -> backend.id().equals(id)));
    }

    @Test
    void sweep_seesTheBackendsInService_thatAreNotEjected() {
        LoadBalancer pool = builder().build();
        fixture.time.advance(SWEEP);
        pool.registry().maintenance("b:1");
        at(pool, "a:1").complete(Outcome.TIMED_OUT);
        fixture.time.advance(SWEEP);
        assertThat(swept).containsExactly(List.of("a:1", "b:1", "c:1", "d:1"), List.of("c:1", "d:1"));
        pool.close();
    }

    @Test
    void sweep_ejectsNoMoreThanTheMaximum_andARefusalCausesNoSnapshot() {
        LoadBalancer pool = builder().build();
        proposals = List.of("c:1", "d:1");
        long version = pool.snapshot().version();
        fixture.time.advance(SWEEP);
        assertThat(fixture.events(BackendEjected.class))
                .extracting(event -> event.backend().id() + " " + event.cause())
                .containsExactly("c:1 swept");
        assertThat(pool.snapshot().version()).isEqualTo(version + 1);
        pool.close();
    }

    @Test
    void backendThatDrains_isNotEjectedByItsLastCalls() {
        LoadBalancer pool = builder().build();
        Lease held = at(pool, "a:1");
        pool.registry().drain("a:1");
        held.complete(Outcome.TIMED_OUT);
        assertThat(fixture.events(BackendEjected.class)).isEmpty();
        pool.close();
    }

    @Test
    void callFromBeforeTheTrial_doesNotEndIt_andTheTrialsSuccessIsOneSnapshot() {
        LoadBalancer pool = builder().build();
        Lease early = at(pool, "a:1");
        at(pool, "a:1").complete(Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofSeconds(9));
        assertThat(fixture.events(BackendReturned.class)).hasSize(1);
        long version = pool.snapshot().version();
        early.complete(Outcome.SUCCESS);
        assertThat(pool.snapshot().version()).as("on trial still").isEqualTo(version);

        at(pool, "a:1").complete(Outcome.SUCCESS);
        assertThat(pool.snapshot().version()).as("the trial has ended").isEqualTo(version + 1);
        at(pool, "a:1").complete(Outcome.FAILED);
        assertThat(fixture.events(BackendEjected.class)).hasSize(1);
        pool.close();
    }

    @Test
    void detectorThatThrows_isLoggedOnce_andCountedEachTime_andAgainAfterAReload() {
        try (LogLines log = new LogLines("outlier detection failed");
                LoadBalancer pool = builder().build()) {
            thrown = new IllegalStateException("bug");
            at(pool, "a:1").complete(Outcome.TIMED_OUT);
            at(pool, "a:1").complete(Outcome.TIMED_OUT);
            fixture.time.advance(SWEEP);
            assertThat(fixture.events(BackendEjected.class)).isEmpty();
            assertThat(pool.figures().faults()).isEqualTo(3);
            assertThat(log.lines())
                    .containsExactly("WARNING pool users: the outlier detection failed; this is told only once");

            builder().applyTo(pool);
            fixture.time.advance(Duration.ofHours(1));
            assertThat(log.lines()).hasSize(2);
        }
    }

    @Test
    void errorThatEndsTheMachine_isPassedOn() {
        LoadBalancer pool = builder().build();
        thrown = new OutOfMemoryError("none left");
        Lease lease = at(pool, "a:1");
        assertThatThrownBy(() -> lease.complete(Outcome.SUCCESS)).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.snapshot().inFlight()).isZero();
        thrown = null;
        pool.close();
    }
}
