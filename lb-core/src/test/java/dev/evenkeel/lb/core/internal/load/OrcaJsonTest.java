package dev.evenkeel.lb.core.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadReport;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OrcaJsonTest {
    @Test
    void namesOfBothCases_andNumbersAsText_areRead() {
        LoadReport report = OrcaJson.parse(
                "{\"cpuUtilization\": \"0.25\", \"mem_utilization\": 0.5, \"rpsFractional\": 2.5, \"rps\": 9,"
                        + " \"utilization\": {\"disk\": 0.75}, \"unknown\": {\"a\": [1]}, \"eps\": null}");
        assertThat(report.cpuUtilization()).isEqualTo(0.25);
        assertThat(report.memUtilization()).isEqualTo(0.5);
        assertThat(report.qps()).as("the exact one of the two").isEqualTo(2.5);
        assertThat(report.eps()).isZero();
        assertThat(report.metrics()).containsExactly(Map.entry("utilization.disk", 0.75));
    }

    @Test
    void malformedReports_areRefused() {
        assertThatThrownBy(() -> OrcaJson.parse("[]")).hasMessageStartingWith("load report must be a JSON object");
        assertThatThrownBy(() -> OrcaJson.parse("{} {}"))
                .hasMessageStartingWith("load report must end with its JSON object");
        assertThatThrownBy(() -> OrcaJson.parse("{\"rps\": 1"))
                .hasMessageStartingWith("load report must be well-formed JSON");
        assertThatThrownBy(() -> OrcaJson.parse("{\"rps\": 1, \"rps\": 1}"))
                .hasMessageStartingWith("load report must be well-formed JSON");
        assertThatThrownBy(() -> OrcaJson.parse("{\"utilization\": 3}")).hasMessageEndingWith("must be an object");
        assertThatThrownBy(() -> OrcaJson.parse("{\"rps\": true}")).hasMessageEndingWith("must be a number");
    }
}
