package dev.evenkeel.lb.examples.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The short form of the soak. */
@Tag("long")
@Timeout(240)
class SoakTest {
    @Test
    void twentyThousandCalls_amongFaultsCancelsAndChanges_leaveNothingBehind() throws Exception {
        Soak.Report report = Soak.run(20_000, 1);
        assertThat(report.faults()).isEmpty();
        assertThat(report.changes()).isEqualTo(40);
        assertThat(report.ends()).containsKeys("200", "cancelled or out of time", "failed");
        assertThat(report.ends().get("200")).isGreaterThan(17_000);
    }
}
