package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.internal.strategy.load.ReportedWeight;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResourceBasedTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void reports_decideTheShares() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(Strategies.resourceBased(), candidates);
        reportFor5Seconds(pool, candidates, new double[] {100, 200, 300}, new double[] {0.5, 0.5, 0.5});
        assertThat(count(pool, 6_000)).containsExactly(1_000, 2_000, 3_000);
    }

    @Test
    void noReports_configuredWeightsDecide() {
        FakePool pool = pool(Strategies.resourceBased(), FakePool.ofWeights(3, 2, 1));
        assertThat(count(pool, 6_000)).containsExactly(3_000, 2_000, 1_000);
    }

    @Test
    void blackout_reportsDoNotCountYet() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(Strategies.resourceBased(), candidates);
        report(pool, candidates.get(0), 1, 0.9);
        report(pool, candidates.get(1), 9, 0.9);
        advance(pool, 2.9);
        assertThat(count(pool, 1_000)).containsExactly(500, 500);
        advance(pool, 0.2);
        assertThat(count(pool, 1_000)).containsExactly(100, 900);
    }

    @Test
    void expiry_silentBackend_hasTheMeanOfTheOthers() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = pool(Strategies.resourceBased().reportTtl(Duration.ofSeconds(60)), candidates);
        reportFor5Seconds(pool, candidates, new double[] {100, 200, 900}, new double[] {0.5, 0.5, 0.5});
        advance(pool, 58);
        report(pool, candidates.get(0), 100, 0.5);
        report(pool, candidates.get(1), 200, 0.5);
        advance(pool, 3);
        assertThat(count(pool, 4_500)).containsExactly(1_000, 2_000, 1_500);
    }

    @Test
    void reportAfterSilence_beginsAnew() {
        ReportedWeight weight = new ReportedWeight();
        weight.add(100, 0, 10);
        assertThat(weight.get(5, 3, 10)).isEqualTo(100);
        assertThat(weight.get(2, 3, 10)).isZero();
        assertThat(weight.get(10, 3, 10)).isZero();
        weight.add(300, 20, 10);
        assertThat(weight.get(22, 3, 10)).isZero();
        assertThat(weight.get(23, 3, 10)).isEqualTo(300);
    }

    @Test
    void reports_areSmoothed() {
        ReportedWeight weight = new ReportedWeight();
        weight.add(100, 0, 1_000);
        weight.add(200, 1, 1_000);
        assertThat(weight.get(9, 0, 1_000)).isEqualTo(105);
        for (int i = 0; i < 20; i++) {
            weight.add(200, 2, 1_000);
        }
        assertThat(weight.get(9, 0, 1_000)).isEqualTo(200 - 95 * Math.pow(0.95, 20), within(1e-9));
    }

    @Test
    void absurdReport_isHeldToTenTimesTheOthers() {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        FakePool pool = pool(Strategies.resourceBased(), candidates);
        reportFor5Seconds(
                pool, candidates, new double[] {100, 100, 1e9, 100, 1e-6}, new double[] {0.5, 0.5, 1e-6, 0.5, 1_000});
        assertThat(count(pool, 131_000)).containsExactly(10_000, 10_000, 100_000, 10_000, 1_000);
    }

    @Test
    void oneBackendLies_othersAreNotMadeEqual() {
        List<FakeCandidate> candidates = FakePool.ofSize(4);
        FakePool pool = pool(Strategies.resourceBased(), candidates);
        reportFor5Seconds(pool, candidates, new double[] {1e9, 100, 200, 300}, new double[] {1e-6, 0.5, 0.5, 0.5});
        int[] counts = count(pool, 310_000);
        // The median is 250 · 2.
        assertThat(counts).containsExactly(250_000, 10_000, 20_000, 30_000);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY})
    void utilizationOfTheUser_absurd_leavesTheReportWithoutEffect(double utilization) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        FakePool pool = pool(Strategies.resourceBased().utilization(report -> utilization), candidates);
        reportFor5Seconds(pool, candidates, new double[] {100, 100}, new double[] {0.5, 0.5});
        assertThat(count(pool, 4_000)).containsExactly(1_000, 3_000);
    }

    @Test
    void utilizationOfTheUser_throws_leavesThePickerWhole() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 3);
        ResourceBased strategy = Strategies.resourceBased().utilization(report -> {
            throw new IllegalStateException("no such metric");
        });
        FakePool pool = pool(strategy, candidates);
        reportFor5Seconds(pool, candidates, new double[] {100, 100}, new double[] {0.5, 0.5});
        assertThat(count(pool, 4_000)).containsExactly(1_000, 3_000);
    }

    @Test
    void utilization_applicationBeforeCpu_orWhatIsAskedFor() {
        LoadReport report = LoadReport.builder()
                .qps(100)
                .cpuUtilization(0.5)
                .memUtilization(0.25)
                .applicationUtilization(0.8)
                .build();
        assertThat(ResourceBased.DEFAULT.parameters().utilization().applyAsDouble(report))
                .isEqualTo(0.8);
        assertThat(ResourceBased.DEFAULT
                        .parameters()
                        .utilization()
                        .applyAsDouble(LoadReport.builder().cpuUtilization(0.5).build()))
                .isEqualTo(0.5);
        assertThat(Strategies.resourceBased()
                        .utilization(LoadReport::memUtilization)
                        .parameters()
                        .utilization()
                        .applyAsDouble(report))
                .isEqualTo(0.25);
    }

    @Test
    void report_withoutRateOrUtilization_hasNoWeight() {
        assertThat(ReportedWeight.of(LoadReport.builder().build(), 0.5, 1)).isZero();
        assertThat(ReportedWeight.of(LoadReport.builder().qps(10).build(), 0, 1))
                .isZero();
        assertThat(ReportedWeight.of(LoadReport.builder().qps(1e9).build(), Double.MIN_VALUE, 1))
                .isZero();
        assertThat(ReportedWeight.of(LoadReport.builder().qps(10).eps(10).build(), 0.25, 1))
                .isEqualTo(8);
    }

    @Test
    void slowStart_countsWithReportsToo() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(Strategies.resourceBased(), candidates);
        reportFor5Seconds(pool, candidates, new double[] {100, 100}, new double[] {0.5, 0.5});
        candidates.get(0).weight = 0.25;
        pool.update(candidates);
        assertThat(count(pool, 5_000)).containsExactly(1_000, 4_000);
    }

    @Test
    void busyFirstDraw_losesToAnIdleSecond() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).inFlight.set(5);
        int[] counts = count(pool(Strategies.resourceBased(), candidates), 10_000);
        // The busy one keeps its half of the first draws where the second is itself.
        assertThat(counts[0]).isBetween(2_300, 2_700);
    }

    @Test
    void failingSecondDraw_doesNotWin() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.get(0).inFlight.set(5);
        candidates.get(1).failureRate = 1;
        assertThat(count(pool(Strategies.resourceBased(), candidates), 10_000)).containsExactly(5_000, 5_000);
    }

    @Test
    void errorPenaltyOf0And1000_areTaken() {
        assertThat(Strategies.resourceBased().errorPenalty(0)).isNotEqualTo(Strategies.resourceBased());
        assertThat(Strategies.resourceBased().errorPenalty(1_000)).isNotEqualTo(Strategies.resourceBased());
    }

    @Test
    void settings_outOfRange_areRefused() {
        assertThatThrownBy(() -> Strategies.resourceBased().errorPenalty(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("error penalty must be 0..1000: NaN");
        assertThatThrownBy(() -> Strategies.resourceBased().errorPenalty(-0.5))
                .hasMessage("error penalty must be 0..1000: -0.5");
        assertThatThrownBy(() -> Strategies.resourceBased().blackoutDuration(Duration.ofSeconds(-1)))
                .hasMessage("blackoutDuration must not be negative: PT-1S");
        assertThatThrownBy(() -> Strategies.resourceBased().reportTtl(Duration.ZERO))
                .hasMessage("reportTtl must be greater than 0: PT0S");
        assertThat(Strategies.resourceBased()
                        .reportTtl(Duration.ofSeconds(Long.MAX_VALUE))
                        .parameters()
                        .expiryNanos())
                .isPositive();
    }

    @Test
    void picker_explainsItsWeights() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = pool(Strategies.resourceBased(), candidates);
        report(pool, candidates.get(0), 100, 0.5);
        advance(pool, 4);
        long nowNanos = pool.clockNanos.get();
        assertThat(pool.picker().explain(candidates.get(0), nowNanos)).isEqualTo("weight 200.0 by load reports");
        assertThat(pool.picker().explain(candidates.get(1), nowNanos)).isEqualTo("no weight by load reports");
    }

    private static FakePool pool(ResourceBased strategy, List<FakeCandidate> candidates) {
        return new FakePool(strategy, 7, candidates);
    }

    private static void report(FakePool pool, FakeCandidate candidate, double qps, double utilization) {
        LoadReport report =
                LoadReport.builder().qps(qps).cpuUtilization(utilization).build();
        pool.picker().reported(candidate, report, pool.clockNanos.get());
    }

    private static void reportFor5Seconds(
            FakePool pool, List<FakeCandidate> candidates, double[] qps, double[] utilization) {
        for (int second = 0; second < 5; second++) {
            for (int i = 0; i < qps.length; i++) {
                report(pool, candidates.get(i), qps[i], utilization[i]);
            }
            advance(pool, 1);
        }
    }

    private static void advance(FakePool pool, double seconds) {
        pool.clockNanos.addAndGet((long) (seconds * SECOND));
    }

    private static int[] count(FakePool pool, int picks) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        int[] counts = new int[pool.candidates().size()];
        for (int i = 0; i < picks; i++) {
            counts[pool.candidates().indexOf(requireNonNull(pool.pick(request)))]++;
        }
        return counts;
    }
}
