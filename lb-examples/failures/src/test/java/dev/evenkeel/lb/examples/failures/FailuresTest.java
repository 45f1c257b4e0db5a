package dev.evenkeel.lb.examples.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The programs in short: what they count, not how long it takes. Without nginx they are skipped, unless it is required. */
@Tag("long")
class FailuresTest {
    private static Fleet fleet;

    @BeforeAll
    static void start() throws IOException {
        nginx();
        fleet = new Fleet(1);
    }

    /** Where nginx is; skips the test if it is nowhere, or fails it if servers are required. */
    static Path nginx() {
        Path nginx = NginxServer.find();
        if (nginx == null) {
            if (Boolean.getBoolean("evenkeel.requireServers")) {
                Assertions.fail(NginxServer.MISSING);
            }
            Assumptions.abort(NginxServer.MISSING);
        }
        return nginx;
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    private static Row run(Fault fault) {
        return new FaultTable(fleet, Plan.brief()).run(fault);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "ALL_DOWN")
    void fault_ofSome_failsNoIdempotentCall(Fault fault) {
        Row row = run(fault);
        assertThat(row.failures()).isEmpty();
        assertThat(row.calls()).isGreaterThan(100);
        assertThat(row.anyReturnMillis()).isNotNull();
        if (fault == Fault.HANG) {
            assertThat(row.afterStop())
                    .as("probes of a server that hangs, after it was found out")
                    .isLessThanOrEqualTo(5);
        }
    }

    @Test
    void outageOfAll_endsByItself_andNothingFailsAfterThat() {
        Row row = run(Fault.ALL_DOWN);
        assertThat(row.failures()).isNotEmpty();
        assertThat(row.anyReturnMillis()).isNotNull();
        assertThat(row.failedAfterReturn()).isZero();
    }

    @Test
    void rollingRestart_withDrain_losesNothingAndRepeatsNothing() {
        RollingRestart.Result result = RollingRestart.run(fleet, Plan.brief(), 100, Duration.ofMinutes(1));
        assertThat(result.failures()).isEmpty();
        assertThat(result.left()).isZero();
        assertThat(result.streams()).isPositive();
        assertThat(result.served()).isEqualTo(result.orders()).isPositive();
        assertThat(result.twice()).isEmpty();
        assertThat(result.lost()).isEmpty();
    }
}
