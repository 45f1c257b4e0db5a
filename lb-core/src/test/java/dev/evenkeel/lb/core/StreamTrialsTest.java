package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A trial ends when the backend has answered well, not when the stream ends. What breaks later counts as a failure. */
class StreamTrialsTest {
    private static final String A = "a:1";
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration HEAD = Duration.ofMillis(20);
    private static final int STREAM_TICKS = 600;

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancerBuilder two() {
        return fixture.builder("http://a:1", "http://b:1").strategy(Strategies.roundRobin());
    }

    private LoadBalancer ejecting() {
        return two().outlierDetection(OutlierDetectors.relative())
                .circuitBreaker(BreakerPolicy.off())
                .build();
    }

    private LoadBalancer breaking() {
        return two().outlierDetection(OutlierDetectors.none()).build();
    }

    private void putOnTrial(LoadBalancer pool) {
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(status(pool, A).ineligibilities()).containsAnyOf(Ineligibility.EJECTED, Ineligibility.BREAKER_OPEN);
        fixture.time.advance(Duration.ofMillis(1_300));
        assertThat(status(pool, A).ineligibilities()).isEmpty();
    }

    /** Opens streams until the backend has got one, or 20 were opened. */
    private static Lease streamAt(LoadBalancer pool, String id) {
        for (int i = 0; i < 20; i++) {
            Lease stream = lease(pool);
            if (stream.backend().id().equals(id)) {
                return stream;
            }
            stream.responded(Outcome.SUCCESS);
        }
        throw new AssertionError("no stream at " + id);
    }

    private static List<Lease> streams(LoadBalancer pool, int streams, String id) {
        List<Lease> opened = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            opened.add(streamAt(pool, id));
        }
        return opened;
    }

    private static int callsAt(LoadBalancer pool, String id) {
        return call(pool, 20).getOrDefault(id, 0);
    }

    @Test
    void halfOpenBreaker_asManyStreamsAnsweredAsTheTrialHas_closesWhileTheyAreOpen() {
        LoadBalancer pool = breaking();
        putOnTrial(pool);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);

        List<Lease> trial = streams(pool, 3, A);
        trial.subList(0, 2).forEach(stream -> stream.responded(Outcome.SUCCESS));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        trial.get(2).responded(Outcome.SUCCESS);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(status(pool, A).inFlight()).isEqualTo(3);
        assertThat(callsAt(pool, A)).isEqualTo(10);
    }

    @Test
    void halfOpenBreaker_oneAnswerToldTwiceAndThenEnded_countsOnce() {
        LoadBalancer pool = breaking();
        putOnTrial(pool);

        Lease stream = streamAt(pool, A);
        stream.responded(Outcome.SUCCESS);
        stream.responded(Outcome.SUCCESS);
        stream.complete(Outcome.SUCCESS);
        streamAt(pool, A).complete(Outcome.SUCCESS);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        streamAt(pool, A).complete(Outcome.SUCCESS);
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void halfOpenBreaker_answeredStreamIsCancelled_givesNoSecondPermission() {
        LoadBalancer pool = breaking();
        putOnTrial(pool);
        Lease answered = streamAt(pool, A);
        answered.responded(Outcome.SUCCESS);
        answered.complete(Outcome.CANCELLED);

        streams(pool, 2, A);

        assertThat(callsAt(pool, A)).isZero();
    }

    @Test
    void halfOpenBreaker_badHeads_doNotEndTheTrial() {
        LoadBalancer pool = breaking();
        putOnTrial(pool);

        List<Lease> trial = streams(pool, 3, A);
        trial.forEach(stream -> stream.responded(Outcome.SERVER_ERROR));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.HALF_OPEN);
        trial.forEach(stream -> stream.complete(Outcome.SERVER_ERROR));

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void halfOpenBreaker_answeredStreamBreaks_failureCountsBesideItsAnswer() {
        LoadBalancer pool = breaking();
        putOnTrial(pool);
        Lease stream = streamAt(pool, A);
        stream.responded(Outcome.SUCCESS);
        stream.complete(Outcome.FAILED);

        streamAt(pool, A).complete(Outcome.FAILED);

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void closedBreaker_streamsOfTheTrialBreakLater_opensAgain() {
        LoadBalancer pool = breaking();
        putOnTrial(pool);
        streams(pool, 3, A).forEach(stream -> stream.responded(Outcome.SUCCESS));
        List<Lease> more = streams(pool, 10, A);
        more.forEach(stream -> stream.responded(Outcome.SUCCESS));

        more.forEach(stream -> stream.complete(Outcome.FAILED));

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void trialAfterEjection_streamAnswered_endsWhileItIsOpen() {
        LoadBalancer pool = ejecting();
        putOnTrial(pool);

        Lease stream = streamAt(pool, A);
        assertThat(callsAt(pool, A)).isZero();
        stream.responded(Outcome.SUCCESS);

        assertThat(callsAt(pool, A)).isEqualTo(10);
    }

    @Test
    void trialAfterEjection_badHead_isNoSuccess() {
        LoadBalancer pool = ejecting();
        putOnTrial(pool);

        Lease stream = streamAt(pool, A);
        stream.responded(Outcome.SERVER_ERROR);
        assertThat(callsAt(pool, A)).isZero();
        stream.complete(Outcome.SERVER_ERROR);

        assertThat(status(pool, A).ineligibilities()).containsExactly(Ineligibility.EJECTED);
    }

    @Test
    void trialAfterEjection_answeredStreamsBreak_backendIsEjectedAgain() {
        LoadBalancer pool = ejecting();
        putOnTrial(pool);
        streamAt(pool, A).responded(Outcome.SUCCESS);
        List<Lease> more = streams(pool, 3, A);
        more.forEach(stream -> stream.responded(Outcome.SUCCESS));

        more.forEach(stream -> stream.complete(Outcome.FAILED));

        assertThat(status(pool, A).ineligibilities()).containsExactly(Ineligibility.EJECTED);
        assertThat(fixture.events(BackendEjected.class)).hasSize(2);
    }

    @Test
    void trialAfterEjection_endOfAStreamFromBefore_saysNothing() {
        LoadBalancer pool = ejecting();
        Lease before = streamAt(pool, A);
        putOnTrial(pool);
        before.complete(Outcome.SUCCESS);

        streamAt(pool, A);

        assertThat(callsAt(pool, A)).isZero();
    }

    @Test
    void closedBreaker_answerOfAStreamThatBreaks_isNoSuccess() {
        LoadBalancer pool = two().outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder()
                        .failureRatePercent(60)
                        .minCalls(10)
                        .build())
                .build();
        List<Lease> broken = streams(pool, 1, A);
        broken.get(0).complete(Outcome.FAILED);
        for (int i = 0; i < 9; i++) {
            Lease stream = streamAt(pool, A);
            stream.responded(Outcome.SUCCESS);
            stream.complete(Outcome.FAILED);
        }
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
    }

    // A run of streams.

    static Stream<Named<LoadBalancingStrategy>> strategiesForStreams() {
        return Stream.of(
                Named.of("adaptive", Strategies.adaptive()),
                Named.of("leastConnections", Strategies.leastConnections()),
                Named.of("roundRobin", Strategies.roundRobin()));
    }

    /** 10 streams a second of 60 s each, for 98 s; "a:1" answers 500 for the first 8 s. */
    @ParameterizedTest
    @MethodSource("strategiesForStreams")
    void streams_oneOfThreeBackendsFailsForEightSeconds_hasItsShareWithinThirtySecondsOfItsRecovery(
            LoadBalancingStrategy strategy) {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(strategy)
                .build();
        List<List<Lease>> open = new ArrayList<>();
        Map<String, Integer> late = new TreeMap<>();
        for (int tick = 0; tick < 980; tick++) {
            List<Lease> begun = new ArrayList<>();
            Lease stream = lease(pool, RequestContext.NONE);
            fixture.time.advance(HEAD);
            if (tick < 80 && stream.backend().id().equals(A)) {
                stream.responded(Outcome.SERVER_ERROR);
                stream.complete(Outcome.SERVER_ERROR);
            } else {
                stream.responded(Outcome.SUCCESS);
                begun.add(stream);
            }
            open.add(begun);
            if (tick >= STREAM_TICKS) {
                open.get(tick - STREAM_TICKS).forEach(ended -> ended.complete(Outcome.SUCCESS));
            }
            if (tick >= 380) {
                late.merge(stream.backend().id(), 1, Integer::sum);
            }
            fixture.time.advance(TICK.minus(HEAD));
        }
        assertThat(late.values())
                .as("of %s", late)
                .hasSize(3)
                .allSatisfy(part -> assertThat(part).isBetween(180, 220));
    }
}
