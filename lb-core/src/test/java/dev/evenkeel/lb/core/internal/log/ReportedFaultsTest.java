package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReportedFaultsTest {
    private final VirtualTime time = new VirtualTime();
    private final ReportedFaults faults = new ReportedFaults(time);

    @Test
    void failureThatContinues_isReportedOnce_untilTheSourceWorks() {
        assertThat(faults.failed("away")).isTrue();
        time.advance(Duration.ofHours(1));
        assertThat(faults.failed("away")).isFalse();
        assertThat(faults.failed("refused")).as("another fault").isTrue();
        assertThat(faults.failed("away")).as("the first again").isFalse();
        assertThat(faults.hasFailed()).isTrue();

        assertThat(faults.worked()).isTrue();
        assertThat(faults.worked()).isFalse();
        assertThat(faults.hasFailed()).isFalse();
        assertThat(faults.failed("away")).isTrue();
    }

    @Test
    void failures_areEightAtMost_untilTheSourceWorks() {
        for (int i = 0; i < 20; i++) {
            assertThat(faults.failed("cause " + i)).isEqualTo(i < 8);
        }
    }

    @Test
    void entriesThatAreLeftOut_areReportedWhenTheyChange_andOnceAMinute() {
        assertThat(faults.leftOut("")).isFalse();
        assertThat(faults.leftOut("no port")).isTrue();
        time.advance(Duration.ofHours(1));
        assertThat(faults.leftOut("no port")).as("continues").isFalse();
        assertThat(faults.leftOut("")).isFalse();
        assertThat(faults.leftOut("no port")).as("an hour later").isTrue();
        assertThat(faults.leftOut("")).isFalse();
        assertThat(faults.leftOut("no port")).as("within the minute").isFalse();
        for (int i = 0; i < 20; i++) {
            assertThat(faults.leftOut("weight " + i)).isEqualTo(i < 7);
        }
        time.advance(Duration.ofMinutes(1));
        assertThat(faults.leftOut("weight 0")).isTrue();
        assertThat(faults.hasFailed()).isFalse();
    }

    @Test
    void answerThatIsRefused_isReportedOnceWhileItIsRefused_andOnceAMinuteIfItComesAndGoes() {
        assertThat(faults.refused("no list")).isTrue();
        assertThat(faults.hasFailed()).isTrue();
        time.advance(Duration.ofHours(1));
        assertThat(faults.refused("no list")).as("continues").isFalse();
        assertThat(faults.worked()).isTrue();
        assertThat(faults.refused("no list")).as("an hour later").isTrue();
        assertThat(faults.worked()).isTrue();
        assertThat(faults.refused("no list")).as("within the minute").isFalse();
        assertThat(faults.worked()).isFalse();
    }
}
