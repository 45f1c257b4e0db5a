package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts, not times: the slow server gets little, and no call fails. */
@Tag("long")
@Timeout(60)
class TailLatencyTest {

    @Test
    void adaptive_leavesTheSlowServerAlone_andNoCallFails() throws Exception {
        TailLatency.Result figures = TailLatency.run("adaptive", false, Duration.ofSeconds(6));

        assertThat(figures.result().failed()).isZero();
        assertThat(figures.slowShare()).isLessThan(0.03);
    }
}
