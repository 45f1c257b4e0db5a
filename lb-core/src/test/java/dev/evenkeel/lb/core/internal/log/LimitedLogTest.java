package dev.evenkeel.lb.core.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.VirtualTime;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** So many lines in a period; the number of the others when it ends. */
class LimitedLogTest {
    private static final System.Logger LOGGER = System.getLogger("dev.evenkeel.lb");

    private final VirtualTime time = new VirtualTime();
    private final LimitedLog log = new LimitedLog(LOGGER, "limited log", 2, Duration.ofMinutes(1), time, time);

    private void lines(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(i -> log.log(System.Logger.Level.INFO, () -> "line " + i));
    }

    @Test
    void linesBeyondTheBound_areCounted_andToldAtTheEndOfThePeriod() {
        try (LogLines lines = new LogLines("limited log")) {
            lines(1, 2);
            time.advance(Duration.ofSeconds(20));
            lines(3, 4);
            log.log(System.Logger.Level.WARNING, () -> "line 5");
            assertThat(lines.lines()).containsExactly("INFO limited log: line 1", "INFO limited log: line 2");
            time.advance(Duration.ofMillis(39_999));
            assertThat(lines.lines()).hasSize(2);
            time.advance(Duration.ofMillis(1));
            assertThat(lines.lines().get(2))
                    .as("at the worst level of them")
                    .isEqualTo(
                            "WARNING limited log: 3 more lines were left out, as there were more than 2 of this kind in 60 s");
            lines(6, 6);
            assertThat(lines.lines()).hasSize(4);
        }
    }

    @Test
    void periodBegins_withItsFirstLine() {
        try (LogLines lines = new LogLines("limited log")) {
            lines(1, 1);
            time.advance(Duration.ofSeconds(60));
            lines(2, 3);
            assertThat(lines.lines()).hasSize(3);
            assertThat(time.pendingTimers()).isZero();
        }
    }

    @Test
    void rest_canBeToldEarlier() {
        try (LogLines lines = new LogLines("limited log")) {
            lines(1, 3);
            log.tellLeftOut();
            log.tellLeftOut();
            assertThat(lines.lines()).hasSize(3);
            assertThat(lines.lines().get(2)).contains("1 more line was left out");
        }
    }

    @Test
    void textThatThrows_isALineLess_andNoFault() {
        try (LogLines lines = new LogLines("limited log")) {
            log.log(System.Logger.Level.INFO, () -> {
                throw new IllegalStateException();
            });
            log.tellLeftOut();
            assertThat(lines.lines()).singleElement().asString().contains("1 more line was left out");
        }
    }
}
