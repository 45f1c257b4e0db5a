package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolFigures.BackendFigures;
import dev.evenkeel.lb.PoolFigures.CheckFigures;
import dev.evenkeel.lb.PoolFigures.IncidentFigures;
import dev.evenkeel.lb.PoolFigures.WeightFigures;
import dev.evenkeel.lb.PoolSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts for people, and CSV for spreadsheets. */
class StatsTextsTest {
    @ParameterizedTest
    @CsvSource({"PT0S, 0 ms", "PT0.4S, 400 ms", "PT7.9S, 7 s", "PT99S, 99 s", "PT120S, 2 min", "PT5H, 5 h", "PT72H, 3 d"
    })
    void duration_hasOneUnit(Duration duration, String text) {
        assertThat(ShortDuration.text(duration)).isEqualTo(text);
    }

    private static BackendRow row(String explanation, BackendFigures figures) {
        return BackendRow.of(
                "p0", 0, BackendRowTest.status(Set.of(Ineligibility.DOWN), explanation, Map.of(), null), figures);
    }

    private static BackendFigures downFor(Duration stateFor, CheckFigures check) {
        return new BackendFigures(
                stateFor, 0, 0, null, WeightFigures.CONFIGURED, IncidentFigures.NONE, IncidentFigures.NONE, check);
    }

    @Test
    void remainingTime_isInTheUnitOfPeople() {
        assertThat(BackendTexts.why(row("ejected for another 7200 ms: it cannot be reached", BackendFigures.NONE)))
                .isEqualTo("ejected for another 7 s: it cannot be reached");
    }

    @Test
    void backendThatComesBack_saysHowManyChecksHaveSucceeded() {
        CheckFigures good = new CheckFigures(HealthState.UP, "", Duration.ZERO, Duration.ZERO, 1, 2);
        assertThat(BackendTexts.why(row("down: no answer", downFor(Duration.ofHours(3), good))))
                .isEqualTo("down for 3 h: no answer, good check 1 of 2");
    }

    @Test
    void outcomes_areResponsesByClass_andErrorsByKind() {
        Map<Outcome, Long> outcomes = Map.of(
                Outcome.SUCCESS, 120L,
                Outcome.SERVER_ERROR, 3L,
                Outcome.GATEWAY_ERROR, 2L,
                Outcome.THROTTLED, 1L,
                Outcome.NEVER_SENT, 4L,
                Outcome.TIMED_OUT, 5L,
                Outcome.FAILED, 6L,
                Outcome.CANCELLED, 7L,
                Outcome.DISCARDED, 8L);
        assertThat(OutcomeTexts.responses(outcomes)).isEqualTo("120 ok, 3 server error, 2 502\u2013504, 1 refused");
        assertThat(OutcomeTexts.errors(outcomes))
                .isEqualTo("4 not sent, 5 timed out, 6 aborted, 7 cancelled, 8 discarded");
        assertThat(OutcomeTexts.responses(Map.of())).isEqualTo("\u2013");
    }

    @Test
    void csv_quotesWhatNeedsIt_andDefusesFormulas() {
        PoolSnapshot pool = new PoolSnapshot(
                "=1+1",
                "random",
                1,
                false,
                List.of(),
                List.of(BackendRowTest.status(Set.of(), "used, \"slow\"", Map.of(), null)));

        assertThat(StatsCsv.of(List.of(new PoolRow(pool, PoolFigures.NONE))))
                .startsWith("pool,id,uri,priority,zone,state,")
                .contains("\r\n'=1+1,a:1,http://a:1,0,,in use,")
                .contains(",\"used, \"\"slow\"\"\",")
                .endsWith("\r\n");
        assertThat(StatsCsv.of(List.of())).isEmpty();
    }

    @Test
    void process_saysHostAndUptime() {
        assertThat(ProcessFacts.text(System.currentTimeMillis()))
                .startsWith("Evenkeel")
                .contains(
                        " \u00b7 host ",
                        " \u00b7 process " + ProcessHandle.current().pid(),
                        " \u00b7 up ");
    }
}
