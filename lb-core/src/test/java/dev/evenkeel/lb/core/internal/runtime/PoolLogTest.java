package dev.evenkeel.lb.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PoolLogTest {
    private final VirtualTime time = new VirtualTime();
    private final PoolLog log = new PoolLog("lines", time, time);

    @Test
    void lines_beginWithThePool_andHaveTheLevelOfTheirKind() {
        try (LogLines lines = new LogLines("pool lines")) {
            log.pool(System.Logger.Level.WARNING, () -> "is empty");
            log.trouble(() -> "a is worse");
            log.news(() -> "a is better");
            log.discoveryFails(() -> "discovery fails");
            log.discoveryWorks(() -> "discovery works");
            log.fault(new IllegalStateException("broken"), () -> "a listener failed");
            assertThat(lines.lines())
                    .containsExactly(
                            "WARNING pool lines: is empty",
                            "WARNING pool lines: a is worse",
                            "INFO pool lines: a is better",
                            "WARNING pool lines: discovery fails",
                            "WARNING pool lines: a listener failed");
            assertThat(lines.records().get(4).getThrown()).hasMessage("broken");
            time.advance(PoolLog.PERIOD.minusNanos(1));
            assertThat(lines.lines()).hasSize(5);
            time.advance(Duration.ofNanos(1));
            assertThat(lines.lines()).hasSize(6).last().isEqualTo("INFO pool lines: discovery works");
        }
    }

    @Test
    void discovery_isALineAMinute_thatSaysTheStateAndHowOftenItChanged() {
        try (LogLines lines = new LogLines("pool lines")) {
            for (int i = 0; i < 150; i++) {
                int number = i;
                log.discoveryFails(() -> "discovery fails " + number);
                time.advance(Duration.ofMillis(500));
                log.discoveryWorks(() -> "discovery works " + number);
                time.advance(Duration.ofMillis(500));
            }
            assertThat(lines.lines())
                    .containsExactly(
                            "WARNING pool lines: discovery fails 0",
                            "WARNING pool lines: discovery works 59; the last of 119 changes in 60 s",
                            "WARNING pool lines: discovery works 119; the last of 120 changes in 60 s");
            log.close();
            assertThat(lines.lines())
                    .last()
                    .isEqualTo("WARNING pool lines: discovery works 149; the last of 60 changes in 60 s");
        }
    }

    @Test
    void faults_areCounted_withOrWithoutALine() {
        log.countFault();
        for (int i = 0; i < 2 * PoolLog.MAX_FAULTS; i++) {
            log.fault(new IllegalStateException("broken"), () -> "a listener failed");
        }
        assertThat(log.faultCount()).isEqualTo(1 + 2 * PoolLog.MAX_FAULTS);
    }

    @Test
    void close_tellsHowManyLinesOfEachKindWereLeftOut() {
        List<Consumer<Supplier<String>>> kinds = List.of(
                text -> log.pool(System.Logger.Level.INFO, text),
                log::trouble,
                log::news,
                text -> log.fault(new IllegalStateException("broken"), text));
        List<Integer> bounds = List.of(20, 20, 20, 5);
        for (int i = 0; i < kinds.size(); i++) {
            for (int line = 0; line < bounds.get(i) + i + 2; line++) {
                kinds.get(i).accept(() -> "line");
            }
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            String level = i == 0 || i == 2 ? "INFO" : "WARNING";
            expected.add("%s pool lines: %d more lines were left out, as there were more than %d of this kind in 60 s"
                    .formatted(level, i + 2, bounds.get(i)));
        }
        try (LogLines lines = new LogLines("pool lines")) {
            log.close();
            assertThat(lines.lines()).containsExactlyElementsOf(expected);
        }
    }
}
