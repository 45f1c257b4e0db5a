package dev.evenkeel.lb.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoardTest {
    private static final String UP_TWO_AND_CLEAR = "\u001b[2A\u001b[J";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void terminal_hasOneTableBelowTheEvents() {
        Board board = new Board(out, true);
        board.table(List.of("a", "b"));
        board.event("killed");
        board.table(List.of("c", "d"));

        assertThat(printed())
                .matches("a\nb\n" + quoted() + " +\\d+\\.\\d\\d s  \\* killed\na\nb\n" + quoted() + "c\nd\n");
    }

    @Test
    void file_hasEveryTableAfterTheOther() {
        Board board = new Board(out, false);
        board.table(List.of("a", "b"));
        board.event("killed");
        board.table(List.of("c", "d"));

        assertThat(printed()).matches("a\nb\n +\\d+\\.\\d\\d s  \\* killed\nc\nd\n");
    }

    private static String quoted() {
        return java.util.regex.Pattern.quote(UP_TWO_AND_CLEAR);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
