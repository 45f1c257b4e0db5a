package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a detector's proposals: how long an ejection lasts, its trial, its end, and a change of the detector. */
class OutlierEjectorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final EjectionPolicy POLICY = EjectionPolicy.builder()
            .baseDuration(SECOND)
            .maxDuration(Duration.ofSeconds(60))
            .jitterPercent(0)
            .recoveryInterval(Duration.ofSeconds(10))
            .build();
    /** Each call that times out is a reason. */
    private static final OutlierDetector TIMEOUTS = timeSource ->
            (candidate, outcome, latencyNanos, nowNanos, peers) -> outcome == Outcome.TIMED_OUT ? "it timed out" : null;

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancerBuilder builder(OutlierDetector detector, EjectionPolicy policy) {
        return fixture.builder("http://a", "http://b", "http://c", "http://d")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(detector)
                .ejection(policy);
    }

    /** A call that meets backend a and ends so. */
    private static void callA(LoadBalancer pool, Outcome outcome) {
        for (int i = 0; i < 20; i++) {
            Lease lease = lease(pool);
            boolean isA = lease.backend().id().equals("a:80");
            lease.complete(isA ? outcome : Outcome.SUCCESS);
            if (isA) {
                return;
            }
        }
        throw new AssertionError("no call met a:80");
    }

    private static boolean isEjected(LoadBalancer pool) {
        return status(pool, "a:80").ejectedFor() != null;
    }

    private List<String> ejections() {
        return fixture.events(BackendEjected.class).stream()
                .map(ejection -> ejection.duration() + " " + ejection.cause())
                .toList();
    }

    @Test
    void failedTrial_ejectsForTwiceAsLong_andASuccessEndsIt() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        assertThat(isEjected(pool)).isTrue();
        fixture.time.advance(SECOND);
        assertThat(isEjected(pool)).isFalse();
        callA(pool, Outcome.FAILED);
        fixture.time.advance(Duration.ofMillis(1_999));
        assertThat(isEjected(pool)).isTrue();
        fixture.time.advance(Duration.ofMillis(1));
        callA(pool, Outcome.SUCCESS);
        callA(pool, Outcome.FAILED);

        assertThat(isEjected(pool)).as("the trial has ended").isFalse();
        assertThat(ejections()).containsExactly("PT1S it timed out", "PT2S failed again on its return: FAILED");
        assertThat(fixture.events(BackendReturned.class))
                .extracting(BackendReturned::cause)
                .containsExactly(
                        "ejected for PT1S; one call at a time until one succeeds",
                        "ejected for PT2S; one call at a time until one succeeds");
    }

    @Test
    void ejections_areForgotten_oneForEachIntervalInService() {
        LoadBalancer pool =
                builder(TIMEOUTS, POLICY.toBuilder().trial(false).build()).build();
        for (int i = 0; i < 3; i++) {
            callA(pool, Outcome.TIMED_OUT);
            fixture.time.advance(Duration.ofSeconds(1L << i));
        }
        assertThat(ejections()).extracting(text -> text.split(" ")[0]).containsExactly("PT1S", "PT2S", "PT4S");

        // Two of three are forgotten: this one is the second again.
        fixture.time.advance(Duration.ofSeconds(20));
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofSeconds(2));
        fixture.time.advance(Duration.ofSeconds(9));
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofSeconds(4));
        fixture.time.advance(Duration.ofHours(1));
        callA(pool, Outcome.TIMED_OUT);
        assertThat(ejections().subList(3, 6))
                .extracting(text -> text.split(" ")[0])
                .containsExactly("PT2S", "PT4S", "PT1S");
    }

    /** Each call that times out is a reason at once, and there are sweeps beside. */
    private record SweptTimeouts(Duration interval) implements OutlierDetector {
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
                    return outcome == Outcome.TIMED_OUT ? "it timed out" : null;
                }

                @Override
                public Duration sweepInterval() {
                    return interval;
                }
            };
        }
    }

    /** The second ejection of a backend that was in service for so long after the first one. */
    private String secondEjection(OutlierDetector detector, Duration inService) {
        fixture.events.clear();
        LoadBalancer pool =
                builder(detector, POLICY.toBuilder().trial(false).build()).build();
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(SECOND);
        fixture.time.advance(inService);
        callA(pool, Outcome.TIMED_OUT);
        pool.close();
        return ejections().get(1).split(" ")[0];
    }

    @Test
    void recovery_isCountedFromTheEndOfTheFirstSweepsInterval_inIntervalsIfTheyAreLonger() {
        OutlierDetector everySecond = new SweptTimeouts(SECOND);
        assertThat(secondEjection(everySecond, Duration.ofMillis(10_999))).isEqualTo("PT2S");
        assertThat(secondEjection(everySecond, Duration.ofMillis(11_000))).isEqualTo("PT1S");
        OutlierDetector everyMinute = new SweptTimeouts(Duration.ofMinutes(1));
        assertThat(secondEjection(everyMinute, Duration.ofMillis(119_999))).isEqualTo("PT2S");
        assertThat(secondEjection(everyMinute, Duration.ofMillis(120_000))).isEqualTo("PT1S");
        assertThat(secondEjection(TIMEOUTS, Duration.ofMillis(9_999))).isEqualTo("PT2S");
        assertThat(secondEjection(TIMEOUTS, Duration.ofMillis(10_000))).isEqualTo("PT1S");
    }

    @Test
    void recovery_goesByTheDetectorThatIsInForce() {
        LoadBalancer pool =
                builder(new SweptTimeouts(Duration.ofMinutes(1)), POLICY).build();
        builder(TIMEOUTS, POLICY).applyTo(pool);
        EjectionPolicy policy = POLICY.toBuilder().trial(false).build();
        builder(TIMEOUTS, policy).applyTo(pool);
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofSeconds(11));
        callA(pool, Outcome.TIMED_OUT);
        assertThat(ejections()).extracting(text -> text.split(" ")[0]).containsExactly("PT1S", "PT1S");
    }

    /** A backend that always fails is out for longer each time, whatever the time between two looks at it. */
    @ParameterizedTest
    @CsvSource({"100, 1", "1000, 1", "10000, 1", "60000, 1", "100, 30", "1000, 30", "10000, 30", "60000, 30"})
    void ejections_growWithTheirNumber_whateverTheIntervalOfTheDetector(long intervalMillis, long baseSeconds) {
        for (boolean trial : new boolean[] {false, true}) {
            fixture.events.clear();
            EjectionPolicy policy = EjectionPolicy.builder()
                    .baseDuration(Duration.ofSeconds(baseSeconds))
                    .maxDuration(Duration.ofSeconds(4 * baseSeconds))
                    .growth(EjectionPolicy.Growth.LINEAR)
                    .jitterPercent(0)
                    .trial(trial)
                    .build();
            OutlierDetector detector = XdsOutlierDetector.builder()
                    .failurePercentage(50, 2, 1)
                    .interval(Duration.ofMillis(intervalMillis))
                    .build();
            LoadBalancer pool = builder(detector, policy).build();
            Duration step = Duration.ofMillis(Math.min(250, intervalMillis / 4));
            while (ejections().size() < 6) {
                for (int i = 0; i < 4; i++) {
                    Lease lease = lease(pool);
                    lease.complete(lease.backend().id().equals("a:80") ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
                }
                fixture.time.advance(step);
            }
            assertThat(fixture.events(BackendEjected.class).stream()
                            .limit(6)
                            .map(ejection -> ejection.duration().toSeconds() / baseSeconds))
                    .as("trial %s", trial)
                    .containsExactly(1L, 2L, 3L, 4L, 4L, 4L);
            pool.close();
        }
    }

    @Test
    void withoutTrials_aBackendReturnsForAllCalls() {
        LoadBalancer pool =
                builder(TIMEOUTS, POLICY.toBuilder().trial(false).build()).build();
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(SECOND);

        assertThat(fixture.events(BackendReturned.class))
                .extracting(BackendReturned::cause)
                .containsExactly("ejected for PT1S");
        callA(pool, Outcome.FAILED);
        assertThat(isEjected(pool)).isFalse();
    }

    @Test
    void maintenance_forgetsTheEjection_itsTrialAndHowManyThereWere() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        pool.registry().maintenance("a:80");
        pool.registry().activate("a:80");

        assertThat(isEjected(pool)).isFalse();
        assertThat(fixture.events(BackendReturned.class))
                .extracting(BackendReturned::cause)
                .containsExactly("back from maintenance");
        callA(pool, Outcome.FAILED);
        assertThat(isEjected(pool)).as("no trial").isFalse();
        fixture.time.advance(SECOND);
        callA(pool, Outcome.TIMED_OUT);
        assertThat(ejections()).containsExactly("PT1S it timed out", "PT1S it timed out");
    }

    @Test
    void maintenance_endsATrial() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(SECOND);
        pool.registry().maintenance("a:80");
        pool.registry().activate("a:80");
        callA(pool, Outcome.FAILED);
        assertThat(isEjected(pool)).isFalse();
    }

    @Test
    void timerOfAnEjectionThatIsOver_changesNothing() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofMillis(500));
        pool.registry().maintenance("a:80");
        pool.registry().activate("a:80");
        long version = pool.snapshot().version();
        fixture.time.advance(Duration.ofMillis(500));
        assertThat(pool.snapshot().version()).isEqualTo(version);

        callA(pool, Outcome.TIMED_OUT);
        pool.registry().maintenance("a:80");
        pool.registry().activate("a:80");
        fixture.time.advance(Duration.ofMillis(900));
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofMillis(100));
        assertThat(isEjected(pool)).as("the timer of the ejection before").isTrue();
        fixture.time.advance(Duration.ofMillis(900));
        assertThat(isEjected(pool)).isFalse();
    }

    @Test
    void timeInService_beginsWithTheSuccessOfTheTrial() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(Duration.ofMinutes(1));
        callA(pool, Outcome.SUCCESS);
        fixture.time.advance(Duration.ofMillis(9_999));
        callA(pool, Outcome.TIMED_OUT);
        assertThat(ejections()).containsExactly("PT1S it timed out", "PT2S it timed out");
    }

    @Test
    void trialThatFailsAlone_isJudgedAgain_aTenthOfASecondLater() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        fixture.time.advance(SECOND);
        List<String> others = List.of("b:80", "c:80", "d:80");
        others.forEach(pool.registry()::maintenance);
        long version = pool.snapshot().version();
        callA(pool, Outcome.FAILED);
        assertThat(pool.snapshot().version()).isEqualTo(version);
        others.forEach(pool.registry()::activate);

        fixture.time.advance(Duration.ofMillis(99));
        callA(pool, Outcome.FAILED);
        assertThat(isEjected(pool)).isFalse();
        fixture.time.advance(Duration.ofMillis(1));
        callA(pool, Outcome.FAILED);
        assertThat(isEjected(pool)).isTrue();
    }

    @Test
    void backendThatRefusedItsLastCall_isUnreachable_andNotIfItHasAnsweredSince() {
        OutlierDetector failures = timeSource -> (candidate, outcome, latencyNanos, nowNanos, peers) ->
                outcome == Outcome.TIMED_OUT || outcome == Outcome.NEVER_SENT ? "it failed" : null;
        LoadBalancer pool = builder(failures, POLICY).build();
        callA(pool, Outcome.NEVER_SENT);
        assertThat(status(pool, "a:80").explanation()).isEqualTo("ejected for another 1000 ms: it cannot be reached");
        fixture.time.advance(SECOND);
        callA(pool, Outcome.SUCCESS);
        callA(pool, Outcome.TIMED_OUT);
        assertThat(status(pool, "a:80").explanation()).isEqualTo("ejected for another 2000 ms");
    }

    @Test
    void endOfAnEjection_isNotTold_ofABackendThatHasLeft() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        callA(pool, Outcome.TIMED_OUT);
        pool.registry().remove("a:80");
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(fixture.events(BackendReturned.class)).isEmpty();
    }

    @Test
    void proposalBeyondTheMaximum_silencesFurtherOnesForATenthOfASecond() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        Lease[] leases = new Lease[8];
        long version = pool.snapshot().version();
        for (int i = 0; i < leases.length; i++) {
            leases[i] = lease(pool);
        }
        for (int i = 0; i < 4; i++) {
            leases[i].complete(Outcome.TIMED_OUT);
        }
        assertThat(fixture.events(BackendEjected.class)).as("30 % of four").hasSize(1);
        assertThat(pool.snapshot().version())
                .as("a snapshot for the ejection only")
                .isEqualTo(version + 1);
        pool.registry().add(Backend.of("http://e"));
        pool.registry().add(Backend.of("http://f"));
        pool.registry().add(Backend.of("http://g"));
        fixture.time.advance(Duration.ofMillis(99));
        leases[5].complete(Outcome.TIMED_OUT);
        assertThat(fixture.events(BackendEjected.class)).hasSize(1);
        fixture.time.advance(Duration.ofMillis(1));
        leases[6].complete(Outcome.TIMED_OUT);
        assertThat(fixture.events(BackendEjected.class)).as("30 % of seven").hasSize(2);
    }

    /** A detector that ejects backend a at each sweep, and a candidate that is not a peer. */
    private record Sweeping(@Nullable Duration every) implements OutlierDetector {
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
                    return null;
                }

                @Override
                public @Nullable Duration sweepInterval() {
                    return every;
                }

                @Override
                public void sweep(
                        long nowNanos, List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {
                    for (Candidate peer : peers) {
                        if (peer.backend().id().equals("a:80")) {
                            eject.accept(peer, "swept");
                        }
                    }
                }
            };
        }
    }

    @Test
    void anotherDetector_sweepsAfterAReload_andTheFormerOneNoMore() {
        LoadBalancer pool = builder(TIMEOUTS, POLICY).build();
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(ejections()).isEmpty();
        builder(new Sweeping(Duration.ofSeconds(5)), POLICY).applyTo(pool);
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(ejections()).containsExactly("PT1S swept");

        builder(TIMEOUTS, POLICY).applyTo(pool);
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(ejections()).hasSize(1);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void backendOnTrial_isNotEjectedByASweep() {
        LoadBalancer pool = builder(new Sweeping(Duration.ofSeconds(5)), POLICY).build();
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(ejections()).as("it stays on trial until a call").hasSize(1);
    }

    @Test
    void sweepsMoreOftenThanEachMillisecond_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder(new Sweeping(Duration.ofNanos(999_999)), POLICY).build())
                .withMessage("outlier detection's sweepInterval must be at least 1 ms: PT0.000999999S");
        builder(new Sweeping(Duration.ofMillis(1)), POLICY).build().close();
    }
}
