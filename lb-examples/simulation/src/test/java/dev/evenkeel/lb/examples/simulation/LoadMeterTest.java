package dev.evenkeel.lb.examples.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.LoadReport;
import org.junit.jupiter.api.Test;

/** What a server reports of its load: of the last ten whole steps of 100 ms. */
class LoadMeterTest {
    private static final long MILLIS = 1_000_000;

    private final LoadMeter meter = new LoadMeter(4);

    @Test
    void firstStep_reportsNothing() {
        meter.served(50 * MILLIS);

        assertThat(meter.report(99 * MILLIS)).isEqualTo(LoadReport.builder().build());
    }

    @Test
    void requestsAndErrors_areThoseOfTheLastSecond() {
        for (int i = 0; i < 20; i++) {
            meter.served(i * 100 * MILLIS + 1);
        }
        meter.failed(MILLIS, 1_950 * MILLIS);

        LoadReport report = meter.report(2_000 * MILLIS);

        assertThat(report.qps()).isEqualTo(11);
        assertThat(report.eps()).isEqualTo(1);
        assertThat(meter.report(2_900 * MILLIS).qps()).isEqualTo(2);
        assertThat(meter.report(3_000 * MILLIS).qps()).isZero();
    }

    @Test
    void utilization_isTheBusyShareOfTheWorkers() {
        meter.busy(2, 0);
        meter.busy(4, 1_500 * MILLIS);
        meter.busy(0, 1_800 * MILLIS);

        assertThat(meter.report(1_000 * MILLIS + 900 * MILLIS).applicationUtilization())
                .as("from 0.9 s to 1.9 s: 600 ms of two, 300 ms of four, 100 ms of none")
                .isCloseTo(0.6, within(1e-9));
        assertThat(meter.report(2_800 * MILLIS).applicationUtilization()).isZero();
    }

    @Test
    void quickFailure_takesItsTimeOfAWorker() {
        meter.failed(100 * MILLIS, 50 * MILLIS);

        assertThat(meter.report(100 * MILLIS).applicationUtilization()).isCloseTo(0.025, within(1e-9));
    }
}
