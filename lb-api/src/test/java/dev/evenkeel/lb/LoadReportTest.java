package dev.evenkeel.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoadReportTest {

    @Test
    void builder_setsEveryField() {
        LoadReport report = LoadReport.builder()
                .qps(100)
                .eps(2)
                .cpuUtilization(1.2)
                .memUtilization(0.5)
                .applicationUtilization(0.7)
                .metric("queue", -3)
                .build();
        assertThat(report).isEqualTo(new LoadReport(100, 2, 1.2, 0.5, 0.7, Map.of("queue", -3.0)));
        assertThat(report.metric("queue")).isEqualTo(-3);
        assertThat(report.metric("other")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {Double.NaN, -1, -Double.MIN_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300})
    void numbers_outOfRange_areRefused(double value) {
        assertThatThrownBy(() -> LoadReport.builder().qps(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load report's qps must be 0..1000000000: " + value);
        assertThatThrownBy(() -> LoadReport.builder().eps(value))
                .hasMessage("load report's eps must be 0..1000000000: " + value);
        assertThatThrownBy(() -> LoadReport.builder().cpuUtilization(value))
                .hasMessage("load report's cpuUtilization must be 0..1000: " + value);
        assertThatThrownBy(() -> LoadReport.builder().memUtilization(value))
                .hasMessage("load report's memUtilization must be 0..1: " + value);
        assertThatThrownBy(() -> LoadReport.builder().applicationUtilization(value))
                .hasMessage("load report's applicationUtilization must be 0..1000: " + value);
        assertThatThrownBy(() -> new LoadReport(value, 0, 0, 0, 0, Map.of()))
                .hasMessage("load report's qps must be 0..1000000000: " + value);
    }

    @Test
    void memory_aboveItsWhole_isRefused() {
        assertThatThrownBy(() -> LoadReport.builder().memUtilization(1.01))
                .hasMessage("load report's memUtilization must be 0..1: 1.01");
    }

    @Test
    void metrics_badNameOrValue_areRefused() {
        assertThatThrownBy(() -> LoadReport.builder().metric("queue", Double.NaN))
                .hasMessage("load report's metric \"queue\" must be finite: NaN");
        String rule = "load report's metric must have a name of 1..255 characters, none of them a control character: ";
        assertThatThrownBy(() -> LoadReport.builder().metric(" ", 1)).hasMessage(rule + "\" \"");
        assertThatThrownBy(() -> LoadReport.builder().metric("a\r\nb", 1)).hasMessage(rule + "\"a??b\"");
        assertThatThrownBy(() -> LoadReport.builder().metric("x".repeat(1_000), 1))
                .hasMessage(rule + "\"" + "x".repeat(32) + "…\"");
    }

    @Test
    void metrics_tooMany_areRefused() {
        Map<String, Double> metrics = new HashMap<>();
        IntStream.range(0, 65).forEach(i -> metrics.put("m" + i, 1.0));
        assertThatThrownBy(() -> new LoadReport(0, 0, 0, 0, 0, metrics))
                .hasMessage("load report must have at most 64 metrics: it has 65");
    }
}
