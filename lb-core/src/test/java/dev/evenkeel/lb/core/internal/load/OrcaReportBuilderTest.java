package dev.evenkeel.lb.core.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrcaReportBuilderTest {
    private final OrcaReportBuilder fields = new OrcaReportBuilder();

    @Test
    void fractionalRate_hasPrecedence_whateverTheOrder() {
        fields.set("rps_fractional", 2.5);
        fields.set("rps", 3);
        assertThat(fields.report().qps()).isEqualTo(2.5);
        fields.set("rps_fractional", 0);
        assertThat(fields.report().qps()).isEqualTo(3);
    }

    @Test
    void utilizations_areAtMost1_costsAreNotNegative() {
        fields.put("request_cost", "db", 7);
        fields.put("utilization", "disk", 1);
        assertThat(fields.report().metrics()).isEqualTo(Map.of("request_cost.db", 7.0, "utilization.disk", 1.0));
        assertThatThrownBy(() -> fields.put("utilization", "disk", 1.5)).hasMessageEndingWith("must be 0..1: 1.5");
        assertThatThrownBy(() -> fields.put("request_cost", "db", -1)).hasMessageEndingWith("must be 0 or more: -1.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NaN", "0x1p3", "1e", "Infinity", "1f", "--1"})
    void textThatIsNoJsonNumber_isRefused(String text) {
        assertThatThrownBy(() -> OrcaReportBuilder.number("rps", text)).hasMessageContaining("must be a number");
    }

    @Test
    void number_mayHaveAnExponent() {
        assertThat(OrcaReportBuilder.number("rps", "-1.5e2")).isEqualTo(-150);
    }
}
