package dev.evenkeel.lb.core.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadReport;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrcaTextTest {
    @Test
    void entries_areSeparatedByCommas_andNamedByColonOrEquals() {
        LoadReport report = OrcaText.parse("cpu_utilization=0.3, mem_utilization:0.8,named_metrics.queue=7,rps=12");
        assertThat(report.cpuUtilization()).isEqualTo(0.3);
        assertThat(report.memUtilization()).isEqualTo(0.8);
        assertThat(report.qps()).isEqualTo(12);
        assertThat(report.metrics()).containsExactly(Map.entry("queue", 7.0));
    }

    @Test
    void malformedEntries_areRefused() {
        assertThatThrownBy(() -> OrcaText.parse("cpu_utilization"))
                .hasMessageStartingWith("load report must have entries name=value");
        assertThatThrownBy(() -> OrcaText.parse("rps=1,rps=1"))
                .hasMessageStartingWith("load report must have each name once");
        assertThatThrownBy(() -> OrcaText.parse("rps=NaN")).hasMessageContaining("must be a number");
        assertThatThrownBy(() -> OrcaText.parse("rps=0x10")).hasMessageContaining("must be a number");
        assertThatThrownBy(() -> OrcaText.parse("rps=1,")).isInstanceOf(IllegalArgumentException.class);
    }
}
