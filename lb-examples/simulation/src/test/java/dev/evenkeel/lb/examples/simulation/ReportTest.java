package dev.evenkeel.lb.examples.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The report that is checked in is what the library does now. If a change of a strategy is meant, delete the rows of
 * {@code results.csv} that it changes, and make them again:
 * {@code mvn -q -pl lb-examples/simulation -am compile exec:java -Dexec.args=missing}.
 */
class ReportTest {
    private static final Path FOLDER = Path.of("report");

    @ParameterizedTest
    @CsvSource({
        "fail-fast, adaptive",
        "stalls, adaptive",
        "rolling restart, adaptive",
        "crash of 2, 'roundRobin, guarded'",
        "hang, 'leastConnections, guarded'",
        "speeds 0.5–2, leastResponseTime",
        "homogeneous, powerOfTwo",
        "all at once, omniscient shortest queue",
        "brown-out, adaptive",
        "'rolling restart, 100 clients', adaptive",
        "'stalls, 1,000 clients', adaptive",
        "'client pauses, 150 calls/s', adaptive",
        "homogeneous, random",
        "stalls, resourceBased",
        "rolling restart, latencyTiers",
        "'client pauses, 150 calls/s', 'adaptive, load reports'",
        "'client pauses of 400 ms, 600 calls/s', adaptive"
    })
    void run_givesTheRowOfTheReport(String scenarioName, String policyName) throws IOException {
        Scenario scenario = Study.scenarios().stream()
                .filter(each -> each.name().equals(scenarioName))
                .findFirst()
                .orElseThrow();

        Row row = Row.of(scenario, Policy.named(policyName), 1);

        assertThat(Files.readAllLines(FOLDER.resolve(StudyFiles.ROWS))).contains(row.line());
    }

    @Test
    void rows_areThoseOfTheStudy() throws IOException {
        assertThat(new StudyFiles(FOLDER).readNumbers().rows())
                .extracting(Row::key)
                .isEqualTo(Study.keys());
    }

    @Test
    void missingRows_areMade_andTheRowsThatAreThereAreKept(@TempDir Path folder) throws Exception {
        List<String> all = Files.readAllLines(FOLDER.resolve(StudyFiles.ROWS));
        String kept = "homogeneous;adaptive;1;1;0;0.000;0.000;0.000;0.000";
        List<String> changed = new ArrayList<>();
        all.stream()
                .filter(line -> !line.startsWith("client pauses, 150 calls/s;adaptive;"))
                .forEach(line -> changed.add(line.startsWith("homogeneous;adaptive;1;") ? kept : line));
        Files.write(folder.resolve(StudyFiles.ROWS), changed);
        Files.copy(FOLDER.resolve(StudyFiles.TIMELINES), folder.resolve(StudyFiles.TIMELINES));

        new StudyFiles(folder).writeMissingNumbers(2);

        assertThat(Files.readAllLines(folder.resolve(StudyFiles.ROWS)))
                .hasSameSizeAs(all)
                .contains(kept)
                .containsExactlyElementsOf(all.stream()
                        .map(line -> line.startsWith("homogeneous;adaptive;1;") ? kept : line)
                        .toList());
    }

    /** The manual's cells are those of the report, with whole milliseconds. */
    @Test
    void tableOfTheManual_hasTheFiguresOfTheReport() throws IOException {
        Study study = new StudyFiles(FOLDER).readNumbers();
        List<List<String>> table = tableOfTheManual();
        List<String> scenarios = table.get(0).subList(1, table.get(0).size());

        assertThat(table).hasSizeGreaterThan(8);
        for (List<String> line : table.subList(2, table.size())) {
            String policy = line.get(0).equals("omniscient")
                    ? References.omniscient().name()
                    : line.get(0).replace("`", "");
            assertThat(line.subList(1, line.size()))
                    .as(policy)
                    .isEqualTo(scenarios.stream()
                            .map(scenario -> String.format(Locale.ROOT, "%.0f / ", study.p99Millis(scenario, policy))
                                    + ReportPage.percent(study.errorPercent(scenario, policy))
                                            .replace(" %", ""))
                            .toList());
        }
    }

    private static List<List<String>> tableOfTheManual() throws IOException {
        String page = Files.readString(Path.of("..", "..", "lb-okhttp", "docs", "figures.md"));
        String section =
                page.substring(page.indexOf("## Strategies, simulated"), page.indexOf("## Strategies, over sockets"));
        return section.lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
    }

    @Test
    void run_givesTheTimelineOfTheReport() throws IOException {
        Study.Timeline timeline = Study.Timeline.of(Policy.named("adaptive"));

        assertThat(Files.readAllLines(FOLDER.resolve(StudyFiles.TIMELINES))).contains(StudyFiles.line(timeline));
    }

    @Test
    void drawings_areThoseOfTheNumbers() throws IOException {
        Study study = new StudyFiles(FOLDER).readNumbers();

        StudyFiles.drawings(study)
                .forEach((file, text) -> assertThat(FOLDER.resolve(file)).hasContent(text));
    }

    /** The run of ten thousand servers takes minutes, and is not repeated here. */
    @Test
    void drawingsOfTheFleet_areThoseOfTheNumbers() throws IOException {
        Table numbers = FleetFigure.numbers(FOLDER);

        assertThat(FOLDER.resolve("fleet.svg")).hasContent(FleetFigure.FLEET.drawn(FOLDER));
        assertThat(FOLDER.resolve(FleetPage.FILE)).hasContent(FleetPage.text(numbers));
        assertThat(numbers.texts("policy"))
                .isEqualTo(FleetStudy.policies().stream().map(Policy::name).toList());
    }
}
