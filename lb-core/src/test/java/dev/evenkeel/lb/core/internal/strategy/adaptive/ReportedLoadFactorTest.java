package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What reported requests in flight do to the cost, and for how long. */
final class ReportedLoadFactorTest {
    private static final long MILLI = 1_000_000;
    private static final long NOW = 100_000 * MILLI;

    private final List<FakeCandidate> backends =
            Stream.of("a", "b", "c", "d").map(FakeCandidate::of).toList();
    private final FakeCandidate a = backends.get(0);
    private final QuietFigures figures = new QuietFigures();

    /** A pool that hears of each of four backends every 4 s, with a median of 10 ms, unless a test says otherwise. */
    private static final class QuietFigures implements PoolFigures {
        private double gapNanos = 1e9;

        @Override
        public double latencyNanos() {
            return 10 * MILLI;
        }

        @Override
        public double latencyP95Nanos() {
            return 20 * MILLI;
        }

        @Override
        public double latencyGapNanos() {
            return gapNanos;
        }

        @Override
        public double calmness() {
            return 1;
        }
    }

    private Picker picker(LoadBalancingStrategy strategy) {
        return strategy.newPicker(
                new FakeContext(List.copyOf(backends), null, null, new Random(1), () -> NOW, figures));
    }

    private static LoadReport inFlight(double count) {
        return LoadReport.builder().metric(LoadReport.IN_FLIGHT, count).build();
    }

    private void report(Picker picker, FakeCandidate backend, double count, long nowNanos) {
        picker.reported(backend, inFlight(count), nowNanos);
    }

    /** The reports of all but a. */
    private void reportOthers(Picker picker, double count) {
        backends.stream().skip(1).forEach(other -> report(picker, other, count, NOW));
    }

    /** A's cost relative to what it would be without reports. */
    private double effect(Picker picker, long laterMillis) {
        long then = NOW + laterMillis * MILLI;
        return cost(picker.explain(a, then))
                / cost(picker(Strategies.adaptive()).explain(a, then));
    }

    private static double cost(String explanation) {
        return Double.parseDouble(explanation.substring("cost ".length(), explanation.indexOf(" = ")));
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "1000, 2", "1500, 1.414", "1750, 1.189", "2000, 1", "60000, 1"})
    void fourTimesTheMedian_doublesTheCost_forASecond_andFadesOverTheNext(long laterMillis, double factor) {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, laterMillis)).isCloseTo(factor, within(0.01));
    }

    @Test
    void median_isOfTheLatestReportOfEachBackend() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 500);
        reportOthers(picker, 5);
        for (int i = 0; i < 100; i++) {
            report(picker, a, 20, NOW);
        }

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @Test
    void median_leavesOutReportsOfTwoSecondsAgo_asOfBackendsThatHaveLeft() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        for (int i = 0; i < 40; i++) {
            report(picker, FakeCandidate.of("gone " + i), 500, NOW - 2_100 * MILLI);
        }
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 31, 32, 1_000})
    void median_isOfTheLatestThirtyOneBackends(int others) {
        RecentLoads loads = new RecentLoads();
        for (int i = 0; i < others; i++) {
            loads.add("b" + i, i, 10 * i);
        }

        int known = Math.min(others, 31);
        assertThat(loads.median(10 * others)).isEqualTo(others - known + (known - 1) / 2);
    }

    @Test
    void median_withoutAReport_isNone() {
        assertThat(new RecentLoads().median(7)).isZero();
    }

    @Test
    void poolOfTwo_comparesThemWithEachOther() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        report(picker, backends.get(1), 5, NOW);
        report(picker, a, 20, NOW);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @ParameterizedTest
    @CsvSource({"0.01, 1", "0.125, 1", "0.1875, 1.414", "0.25, 2", "10, 2"})
    void effect_isThatOfThePoolsFewCalls(double poolGapSeconds, double factor) {
        figures.gapNanos = poolGapSeconds * 1e9;
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isCloseTo(factor, within(0.01));
    }

    @Test
    void age_isAtLeastTheReports_notTimesIt() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);
        a.waitingNanos = 60 * MILLI;

        assertThat(effect(picker, 0)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"8, 1000, true", "10, 0, true", "10, 1000, true", "10, 2000, false", "11, 1000, false"})
    void upToAQuarterMoreThanTheMedian_aBadLatencyCountsAsThePools(double count, long laterMillis, boolean lifted) {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        long then = NOW + laterMillis * MILLI;
        backends.forEach(backend -> backend.withLatencyMillis(backend.equals(a) ? 40 : 10).latencySampleNanos = then);
        reportOthers(picker, 8);
        report(picker, a, count, NOW);

        double before = latencyFactor(picker(Strategies.adaptive()).explain(a, then));
        assertThat(before).isGreaterThan(3);
        assertThat(latencyFactor(picker.explain(a, then))).isEqualTo(lifted ? 1 : before);
    }

    private static double latencyFactor(String explanation) {
        return Double.parseDouble(explanation.replaceAll(".* x ([0-9.]+) latency.*", "$1"));
    }

    @Test
    void goodLatency_staysGood() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        backends.forEach(backend -> backend.withLatencyMillis(backend.equals(a) ? 4 : 10).latencySampleNanos = NOW);
        reportOthers(picker, 8);
        report(picker, a, 8, NOW);

        assertThat(effect(picker, 0)).isEqualTo(1);
    }

    @Test
    void requestsInFlight_areRelativeToTheWeight() {
        a.weight = 4;
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isEqualTo(1);
    }

    @Test
    void median_isOfRequestsInFlightByWeight() {
        backends.get(1).weight = 4;
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        report(picker, backends.get(1), 20, NOW);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @Test
    void reportOfABackendWithoutWeight_isRefused() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        report(picker, FakeCandidate.of("x", 0), 5, NOW);
        report(picker, FakeCandidate.of("y", 0), 5, NOW);
        report(picker, backends.get(1), 5, NOW);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @Test
    void idlePool_oneRequestSaysNothing_fourDo() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 0);
        report(picker, a, 1, NOW);
        assertThat(effect(picker, 0)).isEqualTo(1);

        report(picker, a, 4, NOW);
        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, -1e300, -Double.MIN_VALUE})
    void negativeCount_isRefused(double count) {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);
        report(picker, a, count, NOW);

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e6, 1e39, Double.MAX_VALUE})
    void hugeCount_isBounded_andDoesNotMoveTheMedian(double count) {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, count, NOW);
        assertThat(effect(picker, 0)).isCloseTo(32, within(0.2));

        report(picker, a, 20, NOW);
        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @Test
    void reportWithoutThisMetric_isNoReport() {
        Picker picker = picker(Strategies.adaptiveWithLoadReports());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);
        picker.reported(a, LoadReport.builder().cpuUtilization(0.1).build(), NOW);

        assertThat(effect(picker, 0)).isCloseTo(2, within(0.01));
    }

    @Test
    void ofTime_thatGoesBackwards_nothingCounts() {
        assertThat(ReportedLoadFactor.power(-1, 1)).isZero();
        assertThat(ReportedLoadFactor.power(Integer.MIN_VALUE, 1)).isZero();
    }

    @Test
    void adaptive_doesNotFollowReports() {
        Picker picker = picker(Strategies.adaptive());
        reportOthers(picker, 5);
        report(picker, a, 20, NOW);

        assertThat(effect(picker, 0)).isEqualTo(1);
    }
}
