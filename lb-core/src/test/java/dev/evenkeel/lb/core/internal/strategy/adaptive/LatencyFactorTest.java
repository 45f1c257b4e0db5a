package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long the relative latency of a backend is remembered. */
final class LatencyFactorTest {
    private static final double SECOND = 1e9;
    private static final int MANY = Integer.MAX_VALUE;

    /** The power by which a known ratio counts, for a backend that is sampled as often as the others. */
    private static double power(int samples, double gapSeconds, double ageSeconds) {
        return LatencyFactor.power(samples, (long) (ageSeconds * SECOND), gapSeconds * SECOND, gapSeconds * SECOND);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.4, 0.7, 1.2, 10})
    void freshSample_countsInFull_howeverSeldomTheyCome(double gapSeconds) {
        assertThat(power(MANY, gapSeconds, 0)).isCloseTo(1, within(0.001));
    }

    @ParameterizedTest
    @CsvSource({"1, 0.5", "3, 0.75", "19, 0.95"})
    void manyCalls_fewSamplesAreWeakEvidence(int samples, double cubed) {
        assertThat(power(samples, 0.3, 0)).isCloseTo(Math.cbrt(cubed), within(1e-9));
    }

    @Test
    void manyCalls_memoryGrowsWithTheGap_upToTwentySeconds() {
        assertThat(power(MANY, 0.01, 5)).isCloseTo(Math.exp(-5 / 2.3), within(1e-9));
        assertThat(power(MANY, 0.1, 5)).isCloseTo(Math.exp(-5 / 5.0), within(1e-9));
        assertThat(power(MANY, 0.175, 5)).isCloseTo(Math.exp(-5 / 11.0), within(1e-9));
        assertThat(power(MANY, 0.25, 5)).isCloseTo(Math.exp(-5 / 20.0), within(1e-9));
        assertThat(power(MANY, 0.5, 5)).isCloseTo(Math.exp(-5 / 20.0), within(1e-9));
        assertThat(LatencyFactor.power(MANY, (long) (5 * SECOND), 60 * SECOND, 0.1 * SECOND))
                .as("a backend that the strategy passes over in a pool with many calls")
                .isCloseTo(Math.exp(-5 / 20.0), within(1e-9));
    }

    @Test
    void manyCalls_fewSamplesOfABackendThatIsPassedOver_areForgottenByThePoolsGap() {
        assertThat(LatencyFactor.power(7, (long) (5 * SECOND), 60 * SECOND, 0.1 * SECOND))
                .isCloseTo(Math.cbrt(7 / 8.0) * Math.exp(-5 / 2.0), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 3.6, 60})
    void fewCalls_areRememberedForSeconds_andForgottenAfterTen(double gapSeconds) {
        assertThat(power(MANY, gapSeconds, 2)).isGreaterThan(0.8);
        assertThat(power(MANY, gapSeconds, 10)).isLessThan(0.04);
    }

    @ParameterizedTest
    @CsvSource({"1, 2.2", "2, 3.3", "3, 4.4", "4, 5.5", "100, 5.5"})
    void fewCalls_fewSamplesAreForgottenSooner(int samples, double horizonSeconds) {
        assertThat(power(samples, 3.6, 0)).isEqualTo(1);
        assertThat(power(samples, 3.6, horizonSeconds)).isCloseTo(Math.exp(-1), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.7, 3.6, 60})
    void power_isANumber_evenIfTheCountIsSeenLate(double gapSeconds) {
        for (double age : new double[] {-1, 0, 1, 1e6}) {
            assertThat(power(0, gapSeconds, age)).isBetween(0.0, 1.0);
        }
    }

    @Test
    void between_theTwoAreMixed() {
        double manyCalls = Math.exp(-5 / 20.0);
        double fewCalls = Math.exp(-Math.pow(5 / 5.5, 2));
        assertThat(power(MANY, 0.75, 5)).isCloseTo(Math.sqrt(manyCalls * fewCalls), within(1e-9));
    }

    @Test
    void latency_isComparedWithThePools() {
        FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
        FakeCandidate candidate = FakeCandidate.of("a");
        assertThat(LatencyFactor.of(candidate, figures, 3, 1, 0))
                .as("neither is known")
                .isEqualTo(1);
        figures.latencyNanos = 10e6;
        assertThat(LatencyFactor.of(candidate, figures, 3, 1, 0))
                .as("a newcomer is average")
                .isEqualTo(1);
        candidate.withLatencyMillis(40);
        assertThat(LatencyFactor.of(candidate, figures, 3, 1, 0)).isCloseTo(4 / 1.05, within(0.001));
        candidate.withLatencyMillis(10.4);
        assertThat(LatencyFactor.of(candidate, figures, 3, 1, 0)).as("noise").isEqualTo(1);
        candidate.withLatencyMillis(5);
        assertThat(LatencyFactor.of(candidate, figures, 3, 1, 0)).isCloseTo(0.5 * 1.05, within(0.001));
    }

    @Test
    void eighthSample_isRememberedByTheBackendsOwnGap() {
        assertThat(LatencyFactor.power(8, (long) (5 * SECOND), 0.1 * SECOND, 0.1 * SECOND))
                .isCloseTo(Math.cbrt(8 / 9.0) * Math.exp(-5 / 5.0), within(1e-9));
    }

    /** The factor of a backend that is twice as slow as its pool, which it is sampled as often as. */
    private static double twiceAsSlow(int samples, long ageNanos) {
        FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
        figures.latencyNanos = 10e6;
        FakeCandidate candidate = FakeCandidate.of("a").withLatencyMillis(20);
        candidate.latencySamples = samples;
        candidate.latencySampleNanos = 7;
        return LatencyFactor.of(candidate, figures, 3, 1, 7 + ageNanos);
    }

    @ParameterizedTest
    @CsvSource({"100, 200000000", "2147483647, 0"})
    void freshLatencyOfManySamples_countsInFull(int samples, long ageNanos) {
        assertThat(twiceAsSlow(samples, ageNanos)).isEqualTo(2 / 1.05);
    }

    @ParameterizedTest
    @CsvSource({"99, 0", "1, 0", "100, 200000001", "2147483647, 1000000000"})
    void olderLatency_orOneOfFewSamples_countsByItsPower(int samples, long ageNanos) {
        double power = LatencyFactor.power(samples, ageNanos, 0, 0);

        assertThat(power).isLessThan(0.999);
        assertThat(twiceAsSlow(samples, ageNanos)).isEqualTo(Math.pow(2, power) / 1.05);
    }

    @Test
    void latency_whereThePoolsIsNotKnown_countsAsAverage() {
        FakeCandidate candidate = FakeCandidate.of("a").withLatencyMillis(40);

        assertThat(LatencyFactor.of(candidate, new FakeContext.FakeFigures(), 3, 1, 0))
                .isEqualTo(1);
    }

    /** The factor of a backend in a pool of 10 ms and three backends, each of which is heard of this often. */
    private static double factor(double millis, double gapSeconds) {
        return LatencyFactor.of(candidate(millis), tenMillis(gapSeconds), 3, 1, 0);
    }

    private static FakeCandidate candidate(double millis) {
        return FakeCandidate.of("a").withLatencyMillis(millis);
    }

    private static FakeContext.FakeFigures tenMillis(double gapSeconds) {
        FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
        figures.latencyNanos = 10e6;
        figures.latencyGapNanos = gapSeconds / 3 * SECOND;
        return figures;
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.25",
        "9.4, 0.987",
        "10.6, 1.0095",
        "40, 3.8095",
        "42, 4",
        "60, 8.1633",
        "100, 22.6757",
        "118.7, 31.9494",
        "118.8, 32",
        "10000, 32"
    })
    void latency_countsBetweenAQuarterAnd32Times_andBeyondFourTimesByTheSquare(double millis, double factor) {
        assertThat(factor(millis, 0.1)).isCloseTo(factor, within(1e-4));
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.25", "60, 5.7143", "84.1, 8", "10000, 8"})
    void fewCalls_latencyCountsByItsRatio_upToEightTimes(double millis, double factor) {
        assertThat(factor(millis, 1)).isCloseTo(factor, within(1e-4));
    }

    @Test
    void betweenManyCallsAndFew_halfOfBoth() {
        assertThat(factor(60, 0.75)).isCloseTo((8.1633 + 5.7143) / 2, within(1e-4));
        assertThat(factor(10000, 0.75)).isCloseTo((32 + 8) / 2.0, within(1e-4));
    }

    /** Of a backend that is ten times as slow, after so many times the time over which its pool forgets. */
    private static double tenTimesAsSlow(double gapSeconds, double horizons) {
        FakeCandidate slow = candidate(100);
        double horizonSeconds = gapSeconds >= 1 ? 5.5 : 2;
        return LatencyFactor.of(slow, tenMillis(gapSeconds), 3, 1, (long) (horizons * horizonSeconds * SECOND));
    }

    @Test
    void manyCalls_nothingHasFaded_beforeThreeTimesAsSlowIsLeft() {
        double untilThreeIsLeft = Math.log(1 / Math.log10(3));

        assertThat(tenTimesAsSlow(0.1, untilThreeIsLeft - 0.001)).isCloseTo(22.6757, within(1e-4));
        assertThat(tenTimesAsSlow(0.1, untilThreeIsLeft + 0.001)).isCloseTo(3 / 1.05, within(0.01));
    }

    /** Ten times as slow. The inverse of its weight, and what is left of ten when it is tried. */
    @ParameterizedTest
    @CsvSource({"0.5, 6", "1, 3", "4, 3"})
    void manyCalls_heavierBackend_isTriedSooner_lighterOneNoLater(float weightInverse, double left) {
        FakeCandidate slow = candidate(100);
        double untilThatIsLeft = 2 * Math.log(1 / Math.log10(left));

        assertThat(LatencyFactor.of(slow, tenMillis(0.1), 3, weightInverse, (long) ((untilThatIsLeft - 0.01) * SECOND)))
                .isCloseTo(22.6757, within(1e-4));
        assertThat(LatencyFactor.of(slow, tenMillis(0.1), 3, weightInverse, (long) ((untilThatIsLeft + 0.01) * SECOND)))
                .isLessThan(10);
    }

    @Test
    void fewCalls_fadeSteadily() {
        assertThat(tenTimesAsSlow(1, 0.5)).isCloseTo(Math.pow(10, Math.exp(-0.25)) / 1.05, within(1e-4));
    }

    @Test
    void unfaded_isWhatTheFactorIsWhenTheSampleIsNew() {
        FakeCandidate slow = candidate(60);
        slow.latencySampleNanos = 0;
        long laterNanos = (long) (30 * SECOND);

        assertThat(LatencyFactor.of(slow, tenMillis(0.1), 3, 1, laterNanos)).isEqualTo(1);
        assertThat(LatencyFactor.unfaded(slow, tenMillis(0.1), 3)).isCloseTo(8.1633, within(1e-4));
        assertThat(LatencyFactor.unfaded(candidate(0), tenMillis(0.1), 3)).isEqualTo(1);
    }
}
