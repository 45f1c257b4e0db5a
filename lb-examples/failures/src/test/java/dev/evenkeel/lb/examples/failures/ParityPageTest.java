package dev.evenkeel.lb.examples.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/faults.md has the cells of the program, and says how many POSTs the test lets fail. */
class ParityPageTest {

    @Test
    void figuresOfThePage_haveTheCellsOfTheProgram() throws IOException {
        List<String> head = ParityRow.HEAD.lines().toList();
        List<String> table = table(head.get(0));

        assertThat(table.subList(0, 2)).isEqualTo(head);
        assertThat(table.stream().skip(2).map(line -> column(line, 0) + column(line, 1)))
                .containsExactlyElementsOf(ParityCell.all().stream()
                        .map(cell -> cell.condition().title() + cell.protocol().title())
                        .toList());
    }

    @Test
    void figuresOfThePage_keepWhatTheTestAsserts() throws IOException {
        for (String line : table(ParityRow.HEAD.lines().findFirst().orElseThrow())) {
            if (column(line, 2).matches("\\d+")) {
                int[] gets = numbers(column(line, 3));
                int[] twice = numbers(column(line, 5));
                assertThat(Math.max(gets[1], gets[2])).as(line).isLessThanOrEqualTo(gets[0]);
                assertThat(twice[1] + twice[2]).as(line).isZero();
            }
        }
    }

    @Test
    void sharesOfThePage_areThoseOfTheTest() throws IOException {
        assertThat(table("| the servers | protocol | POSTs that may fail | the moment |").stream()
                        .skip(2)
                        .map(line -> column(line, 2))
                        .collect(Collectors.toSet()))
                .isEqualTo(ParityCell.all().stream()
                        .map(cell -> cell.condition().ambiguousPercent(cell.protocol()))
                        .filter(percent -> percent > 0)
                        .map(percent -> percent + " %")
                        .collect(Collectors.toSet()));
    }

    /** The table of the section, by its first line. */
    private static List<String> table(String head) throws IOException {
        return Files.readAllLines(Path.of("..", "..", "lb-okhttp", "docs", "faults.md")).stream()
                .dropWhile(line -> !line.equals("## Beside plain OkHttp"))
                .dropWhile(line -> !line.equals(head))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }

    private static String column(String line, int index) {
        return line.split("\\|", -1)[index + 1].strip();
    }

    /** Of plain OkHttp and of the attached clients. */
    private static int[] numbers(String cell) {
        return Arrays.stream(cell.split(" / ", -1)).mapToInt(Integer::parseInt).toArray();
    }
}
