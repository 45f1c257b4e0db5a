package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A backend's state in a word, and the class of it. */
class BackendRowTest {
    static BackendStatus status(
            Set<Ineligibility> why, String explanation, Map<Outcome, Long> outcomes, @Nullable Duration latency) {
        return new BackendStatus(
                Backend.of("http://a:1"),
                AdminState.ACTIVE,
                HealthState.UP,
                "",
                BreakerState.CLOSED,
                null,
                why,
                explanation,
                1,
                0,
                0,
                outcomes,
                latency,
                0);
    }

    private static BackendRow row(Set<Ineligibility> why, String explanation) {
        return BackendRow.of("p0", 4, status(why, explanation, Map.of(), null));
    }

    @Test
    void usedBackend_isWarnedOfIfItsUseIsUnusual() {
        assertThat(row(Set.of(), "used").kind()).isEqualTo("used");
        assertThat(row(Set.of(), "used although degraded: slow").kind()).isEqualTo("warned");
        assertThat(row(Set.of(), "used").state()).isEqualTo("in use");
        assertThat(row(Set.of(), "used").key()).isEqualTo("p0-4");
    }

    @ParameterizedTest
    @CsvSource({"DRAINING, idle", "MAINTENANCE, idle", "FULL, warned", "RESTING, warned", "DOWN, out", "EJECTED, out"})
    void unusedBackend_hasTheKindOfItsReason(Ineligibility why, String kind) {
        BackendRow row = row(Set.of(why), "");
        assertThat(row.kind()).isEqualTo(kind);
        assertThat(row.state()).isEqualTo(why.text());
    }

    @Test
    void failures_areTheOutcomesThatAreFailures() {
        Map<Outcome, Long> outcomes =
                Map.of(Outcome.SUCCESS, 9L, Outcome.FAILED, 2L, Outcome.NEVER_SENT, 3L, Outcome.CANCELLED, 4L);
        BackendRow row = BackendRow.of("p0", 0, status(Set.of(), "used", outcomes, Duration.ofNanos(1_500_000)));
        assertThat(row.failures()).isEqualTo(5);
        assertThat(row.latencyMillis()).isEqualTo(1.5);
        assertThat(row(Set.of(), "used").latencyMillis()).isNull();
    }
}
