package dev.evenkeel.lb.core.internal.strategy.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadReport;
import org.junit.jupiter.api.Test;

class ReportedWeightTest {
    private final ReportedWeight weight = new ReportedWeight();

    @Test
    void weight_isRequestsPerUnitOfLoad_errorsIncluded() {
        LoadReport report = LoadReport.builder().qps(100).eps(50).build();
        assertThat(ReportedWeight.of(report, 0.5, 0)).isEqualTo(200);
        assertThat(ReportedWeight.of(report, 0.5, 1)).isEqualTo(100);
        assertThat(ReportedWeight.of(report, 0, 1)).isZero();
        assertThat(ReportedWeight.of(LoadReport.builder().build(), 0.5, 1)).isZero();
    }

    @Test
    void reports_areSmoothed_unlessThereWasSilence() {
        weight.add(100, 0, 1_000);
        weight.add(200, 10, 1_000);
        assertThat(weight.get(10, 0, 1_000)).isEqualTo(105);
        weight.add(200, 1_010, 1_000);
        assertThat(weight.get(1_010, 0, 1_000)).isEqualTo(200);
        weight.add(100, 2_009, 1_000);
        assertThat(weight.get(2_009, 0, 1_000)).isEqualTo(195);
    }

    @Test
    void weight_isUsableAfterTheBlackout_untilItExpires() {
        weight.add(100, 50, 1_000);
        assertThat(weight.get(149, 100, 1_000)).isZero();
        assertThat(weight.get(150, 100, 1_000)).isEqualTo(100);
        assertThat(weight.get(1_049, 100, 1_000)).isEqualTo(100);
        assertThat(weight.get(1_050, 100, 1_000)).isZero();
    }
}
