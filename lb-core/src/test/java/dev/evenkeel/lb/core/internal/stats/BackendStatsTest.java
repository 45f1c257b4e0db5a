package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BackendStatsTest {

    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    private final PoolStats pool = new PoolStats();
    private final BackendStats backend = new BackendStats(pool);

    @Test
    void inFlight_countsWaitingCallsAndStreams() {
        backend.started(1);
        backend.started(2);
        backend.answered(1);
        assertThat(backend.inFlight()).isEqualTo(2);
        backend.ended(1, true);
        assertThat(backend.inFlight()).isEqualTo(1);
        backend.ended(2, false);
        assertThat(backend.inFlight()).isZero();
    }

    @Test
    void waiting_ofALongStream_isNotAHang() {
        backend.started(0);
        backend.answered(0);
        assertThat(backend.waitingNanos(3600 * SECOND)).isZero();
        backend.started(3600 * SECOND);
        assertThat(backend.waitingNanos(3601 * SECOND)).isCloseTo(SECOND, within(10_000.0));
    }

    @Test
    void latency_withoutASample_isZero() {
        assertThat(backend.latencyNanos()).isZero();
        assertThat(pool.latencyNanos()).isZero();
        assertThat(pool.latencyP95Nanos()).isZero();
        assertThat(pool.calmness()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"SERVER_ERROR", "GATEWAY_ERROR", "THROTTLED", "NEVER_SENT", "FAILED", "DISCARDED"})
    void latency_ofWhatIsNeitherSuccessNorTimeout_isNoSample(Outcome outcome) {
        backend.completed(outcome, 5, MILLI);
        assertThat(backend.latencyNanos()).isZero();
        assertThat(pool.latencyNanos()).isZero();
    }

    @Test
    void latency_ofTheFirstSample_isHeldNearThePool() {
        pool.sample(10 * MILLI, 0);
        backend.completed(Outcome.SUCCESS, 500 * MILLI, MILLI);
        assertThat(backend.latencyNanos()).isEqualTo(20.0 * MILLI);

        BackendStats other = new BackendStats(new PoolStats());
        other.completed(Outcome.SUCCESS, 500 * MILLI, MILLI);
        assertThat(other.latencyNanos()).isEqualTo(500.0 * MILLI);
    }

    @Test
    void latency_ofALogNormalBackend_isItsMedianNotItsMean() {
        Random random = new Random(7);
        double sum = 0;
        int count = 0;
        for (long now = 0; now < 60 * SECOND; now += 5 * MILLI) {
            long latency = (long) (10 * MILLI * Math.exp(random.nextGaussian()));
            backend.completed(Outcome.SUCCESS, latency, now);
            if (now > 20 * SECOND) {
                sum += backend.latencyNanos();
                count++;
            }
        }
        assertThat(sum / count).isCloseTo(10 * MILLI, within(0.5 * MILLI));
        assertThat(pool.latencyNanos()).isCloseTo(10 * MILLI, within(2.0 * MILLI));
    }

    @Test
    void p95_ofALogNormalPool_isTheNinetyFifthPercentile() {
        Random random = new Random(7);
        double sum = 0;
        int samples = 40_000;
        for (int i = 0; i < samples; i++) {
            pool.sample((long) (10 * MILLI * Math.exp(random.nextGaussian())), i * MILLI);
            sum += i < 1000 ? 0 : pool.latencyP95Nanos();
        }
        double exact = 10 * MILLI * Math.exp(1.645);
        assertThat(sum / (samples - 1000)).isCloseTo(exact, within(0.08 * exact));
    }

    @Test
    void latency_afterOneVerySlowAnswer_movesOneStep() {
        for (int i = 0; i < 1000; i++) {
            backend.completed(Outcome.SUCCESS, 10 * MILLI, i * MILLI);
        }
        double before = backend.latencyNanos();
        backend.completed(Outcome.SUCCESS, 30 * SECOND, 31 * SECOND);
        assertThat(backend.latencyNanos()).isCloseTo(before, within(0.01 * before));
    }

    @Test
    void calmness_whenTheLastSecondIsSlowerThanTheHabit_shrinksWithIt() {
        long now = 0;
        for (; now < 240 * SECOND; now += MILLI) {
            pool.sample(10 * MILLI, now);
        }
        assertThat(pool.calmness()).isEqualTo(1);
        for (long end = now + 3 * SECOND; now < end; now += MILLI) {
            pool.sample(40 * MILLI, now);
        }
        assertThat(pool.calmness()).isBetween(0.2, 0.35);
    }

    @Test
    void failureRate_risesWithFailuresAndFadesWithTime() {
        long now = 100 * SECOND;
        for (int i = 0; i < 100; i++) {
            backend.completed(Outcome.SERVER_ERROR, 1, now += MILLI);
        }
        assertThat(backend.failureRate(now)).isGreaterThan(0.99);
        assertThat(backend.failureRate(now + 10 * SECOND)).isCloseTo(Math.exp(-1), within(0.01));
        assertThat(backend.failureRate(now + 300 * SECOND)).isZero();
        for (int i = 0; i < 100; i++) {
            backend.completed(Outcome.SUCCESS, MILLI, now += MILLI);
        }
        assertThat(backend.failureRate(now)).isLessThan(0.01);
    }

    @Test
    void failureRate_afterOneFailure_isAtMostThreeTenths() {
        backend.completed(Outcome.NEVER_SENT, 1, -5);
        assertThat(backend.failureRate(-5)).isEqualTo(0.3);
        backend.completed(Outcome.SUCCESS, 1, -5 + SECOND);
        assertThat(backend.failureRate(-5 + SECOND)).isCloseTo(0.3 * Math.exp(-0.1) * Math.exp(-0.1), within(1e-3));
    }

    @Test
    void failureRate_ofLongAgo_isFadedBeforeTheNextVerdictCounts() {
        backend.completed(Outcome.NEVER_SENT, 1, -5);
        backend.completed(Outcome.SUCCESS, 1, -5 + 3600 * SECOND);
        assertThat(backend.failureRate(-5 + 3600 * SECOND)).isZero();
        backend.completed(Outcome.NEVER_SENT, 1, -5 + 7200 * SECOND);
        assertThat(backend.failureRate(-5 + 7200 * SECOND)).isEqualTo(0.3);
    }

    /** Otherwise a backend that is penalised by a millionth would lose every comparison with an idle peer. */
    @Test
    void failureRate_ofOneFailure_isNothingWithin30Seconds() {
        backend.completed(Outcome.SERVER_ERROR, 1, 0);
        assertThat(backend.failureRate(20 * SECOND)).isPositive();
        assertThat(backend.failureRate(30 * SECOND)).isZero();
    }

    @Test
    void failureRate_afterAGoodCheck_isThatOfOneFailureLess() {
        backend.completed(Outcome.SERVER_ERROR, 1, 0);
        backend.takeFailureBack(SECOND);
        assertThat(backend.failureRate(SECOND)).isZero();

        long now = 100 * SECOND;
        for (int i = 0; i < 100; i++) {
            backend.completed(Outcome.SERVER_ERROR, 1, now += MILLI);
        }
        backend.takeFailureBack(now);
        assertThat(backend.failureRate(now)).isGreaterThan(0.95);
    }

    @Test
    void nothing_isLeftOfAShare_afterTheLongestTime() {
        for (long age : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - MILLI, Long.MAX_VALUE / 32 + 1}) {
            assertThat(ExponentialDecay.left(age, 10e9)).isZero();
        }
    }

    @Test
    void cancel_ofAYoungCall_saysNothing() {
        backend.completed(Outcome.SUCCESS, 10 * MILLI, MILLI);
        backend.completed(Outcome.CANCELLED, 9 * MILLI, 2 * MILLI);
        assertThat(backend.latencyNanos()).isEqualTo(10.0 * MILLI);
        assertThat(backend.failureRate(2 * MILLI)).isZero();
    }

    @Test
    void cancel_ofAnOldCall_raisesTheMedianUpToEightTimesThePool() {
        backend.completed(Outcome.SUCCESS, 10 * MILLI, MILLI);
        backend.completed(Outcome.CANCELLED, SECOND, 2 * MILLI);
        assertThat(backend.latencyNanos()).isEqualTo(10.5 * MILLI);
        for (int i = 0; i < 1000; i++) {
            backend.completed(Outcome.CANCELLED, SECOND, 2 * MILLI);
        }
        assertThat(backend.latencyNanos()).isBetween(80.0 * MILLI, 84.0 * MILLI);
    }

    @Test
    void figures_fromHostileInput_stayFinite() {
        Random random = new Random(11);
        long[] odd = {Long.MIN_VALUE, -1, 0, 1, MILLI, Long.MAX_VALUE};
        for (int i = 0; i < 100_000; i++) {
            long latency = odd[random.nextInt(odd.length)];
            long now = odd[random.nextInt(odd.length)];
            backend.completed(Outcome.values()[random.nextInt(Outcome.values().length)], latency, now);
            assertThat(backend.failureRate(odd[random.nextInt(odd.length)])).isBetween(0.0, 1.0);
            assertThat(backend.latencyNanos()).isBetween(0.0, 1e19);
            assertThat(pool.latencyNanos()).isBetween(0.0, 1e19);
            assertThat(pool.latencyP95Nanos()).isBetween(0.0, 1e19);
            assertThat(pool.calmness()).isBetween(1e-19, 1.0);
        }
    }

    /** A check takes back the step of the latest failure, and no other. */
    @Test
    void timeout_orLateCancellation_isTakenBackFromTheMedian_byAGoodCheck() {
        for (int i = 1; i <= 20; i++) {
            backend.completed(Outcome.SUCCESS, 10_000_000, i * 100_000_000L);
        }
        double usual = backend.latencyNanos();
        for (Outcome late : new Outcome[] {Outcome.TIMED_OUT, Outcome.CANCELLED}) {
            backend.completed(late, 1_000_000_000, 3_000_000_000L);
            assertThat(backend.latencyNanos()).isGreaterThan(usual);
            backend.takeFailureBack(3_000_000_000L);
            assertThat(backend.latencyNanos()).isEqualTo(usual);
        }
        backend.completed(Outcome.TIMED_OUT, 1_000_000_000, 3_000_000_000L);
        double afterOne = backend.latencyNanos();
        backend.completed(Outcome.TIMED_OUT, 1_000_000_000, 3_000_000_000L);
        backend.takeFailureBack(3_000_000_000L);
        double takenBack = backend.latencyNanos();
        assertThat(takenBack).isCloseTo(afterOne, within(1.0));
        backend.takeFailureBack(3_000_000_000L);
        assertThat(backend.latencyNanos()).isEqualTo(takenBack);

        backend.completed(Outcome.TIMED_OUT, 1_000_000_000, 3_000_000_000L);
        backend.completed(Outcome.SUCCESS, 1_000_000, 3_000_000_000L);
        double afterAnswer = backend.latencyNanos();
        backend.forgetFailures();
        assertThat(backend.latencyNanos()).as("an answer has come since").isEqualTo(afterAnswer);
    }

    @Test
    void samples_areCounted_withTheTimeBetweenThem() {
        backend.completed(Outcome.SUCCESS, MILLI, 100 * SECOND);
        backend.completed(Outcome.SUCCESS, MILLI, 101 * SECOND);
        assertThat(backend.latencySamples()).isEqualTo(2);
        assertThat(backend.latencySampleNanos()).isEqualTo(101 * SECOND);
        assertThat(backend.latencyGapNanos()).isCloseTo(0.05 * SECOND, within(1.0));
    }

    @Test
    void latency_isThatOfTheFastestOfTheFirstFour_andThenMovesByStep() {
        backend.completed(Outcome.SUCCESS, 100 * MILLI, 1);
        backend.completed(Outcome.SUCCESS, 50 * MILLI, 2);
        assertThat(backend.latencyNanos()).isEqualTo(50 * MILLI);
        backend.completed(Outcome.SUCCESS, 100 * MILLI, 3);
        assertThat(backend.latencyNanos()).as("a step of a third").isCloseTo(50.0 * MILLI * 4 / 3, within(1.0));
        backend.completed(Outcome.SUCCESS, 10 * MILLI, 4);
        assertThat(backend.latencyNanos()).isEqualTo(10 * MILLI);
        backend.completed(Outcome.SUCCESS, MILLI, 5);
        assertThat(backend.latencyNanos()).as("a step of a fifth").isCloseTo(10.0 * MILLI / 1.2, within(1.0));
    }

    @Test
    void latency_ofAFastFirstSample_isHalfThePoolsAtLeast() {
        for (int i = 0; i < 100; i++) {
            pool.sample(10 * MILLI, i * MILLI);
        }
        backend.completed(Outcome.SUCCESS, MILLI, SECOND);
        assertThat(backend.latencyNanos()).isCloseTo(5.0 * MILLI, within(0.1 * MILLI));
    }

    @Test
    void cancel_atTheNinetyFifthPercentile_raisesTheMedian_belowEightTimesThePool() {
        pool.sample(MILLI, 1);
        BackendStats slow = new BackendStats(pool);
        slow.restoreLatency(1, 2 * MILLI, 2 * MILLI, 0, 1);
        slow.completed(Outcome.CANCELLED, MILLI, 2);
        assertThat(slow.latencyNanos()).isCloseTo(2.1 * MILLI, within(1.0));
        slow.restoreLatency(1, 8 * MILLI, 8 * MILLI, 0, 1);
        slow.completed(Outcome.CANCELLED, MILLI, 2);
        assertThat(slow.latencyNanos()).isEqualTo(8 * MILLI);
    }

    /** A heavy backend that was 20 times as slow had to answer 24 rare trials well before it was within reach again. */
    @Test
    void median_farAboveThePools_comesBackWithinReach_withOneGoodSample() {
        pool.sample(10 * MILLI, 1);
        BackendStats slow = new BackendStats(pool);
        slow.restoreLatency(99, 200 * MILLI, 200 * MILLI, 8 * SECOND, 1);
        slow.completed(Outcome.SUCCESS, 10 * MILLI, 2);
        assertThat(slow.latencyNanos()).isCloseTo(80.0 * MILLI / 1.05, within(1.0));
    }

    @Test
    void median_farAboveThePools_doesNotFallBelowASlowSample() {
        pool.sample(10 * MILLI, 1);
        BackendStats slow = new BackendStats(pool);
        slow.restoreLatency(99, 200 * MILLI, 200 * MILLI, 8 * SECOND, 1);
        slow.completed(Outcome.SUCCESS, 150 * MILLI, 2);
        assertThat(slow.latencyNanos()).isEqualTo(150 * MILLI);
    }

    @Test
    void median_whereThePoolHasNone_movesByAStep() {
        backend.restoreLatency(99, 200 * MILLI, 200 * MILLI, 8 * SECOND, 1);
        backend.completed(Outcome.SUCCESS, 10 * MILLI, 2);
        assertThat(backend.latencyNanos()).isCloseTo(200.0 * MILLI / 1.05, within(1.0));
    }

    @Test
    void failureRate_isRestoredWithItsTime_andNothingIsNoFailure() {
        backend.restoreFailures(0.5, 10 * SECOND);
        assertThat(backend.failureRate(10 * SECOND)).isEqualTo(0.5);
        assertThat(backend.failureRate(20 * SECOND)).isCloseTo(0.5 * Math.exp(-1), within(0.001));

        BackendStats fresh = new BackendStats(pool);
        fresh.restoreFailures(0, 10 * SECOND);
        fresh.completed(Outcome.FAILED, 1, 11 * SECOND);
        assertThat(fresh.failureRate(11 * SECOND)).as("its first failure").isEqualTo(0.3);
    }

    @Test
    void failureRate_isForgotten() {
        backend.completed(Outcome.FAILED, 1, SECOND);
        backend.forgetFailures();
        assertThat(backend.failureRate(SECOND)).isZero();
    }

    @Test
    void failureTakenBack_countsFromThen_andWithoutFailuresNothingChanges() {
        backend.restoreFailures(0.8, 0);
        double before = backend.failureRate(5 * SECOND);
        backend.takeFailureBack(5 * SECOND);
        assertThat(backend.failureRate(5 * SECOND)).isCloseTo((before - 0.3) / 0.7, within(1e-9));

        BackendStats fresh = new BackendStats(pool);
        fresh.takeFailureBack(10 * SECOND);
        fresh.completed(Outcome.FAILED, 1, 11 * SECOND);
        assertThat(fresh.failureRate(11 * SECOND)).as("its first failure").isEqualTo(0.3);
    }

    @Test
    void successesCloseTogether_areOneSampleInTwentyMicroseconds_butATimeoutIsAlwaysOne() {
        for (int i = 0; i < 2_001; i++) {
            backend.completed(Outcome.SUCCESS, MILLI, SECOND);
        }
        assertThat(backend.latencySamples()).isEqualTo(2_000);
        backend.completed(Outcome.SUCCESS, MILLI, SECOND + 19_999);
        assertThat(backend.latencySamples()).isEqualTo(2_000);
        backend.completed(Outcome.TIMED_OUT, MILLI, SECOND + 19_999);
        assertThat(backend.latencySamples()).isEqualTo(2_001);
        backend.completed(Outcome.SUCCESS, MILLI, SECOND + 39_999);
        assertThat(backend.latencySamples()).isEqualTo(2_002);
    }

    /** Of two failures the second weighs by the time since the last verdict, which successes close together do not move. */
    @Test
    void failure_afterSuccessesCloseTogether_weighsAsMuchAsAfterOne() {
        backend.completed(Outcome.SUCCESS, MILLI, SECOND);
        backend.completed(Outcome.SUCCESS, MILLI, SECOND + 999_999);
        backend.completed(Outcome.FAILED, MILLI, SECOND + 1_000_000);
        assertThat(backend.failureRate(SECOND + 1_000_000)).isEqualTo(0.05);
    }

    /** The time of the last verdict counts again as soon as it is a millisecond ago. */
    @Test
    void failure_longAfterTheLastOfManySuccesses_weighsByTheTimeSinceThen() {
        for (int i = 0; i <= 3_000; i++) {
            backend.completed(Outcome.SUCCESS, MILLI, SECOND + i * MILLI);
        }
        backend.completed(Outcome.FAILED, MILLI, SECOND + 3_000 * MILLI);
        assertThat(backend.failureRate(SECOND + 3_000 * MILLI)).isEqualTo(0.05);
        backend.forgetFailures();
        backend.completed(Outcome.FAILED, MILLI, 5 * SECOND);
        assertThat(backend.failureRate(5 * SECOND)).isCloseTo(1 - Math.exp(-0.1), within(0.001));
    }
}
