package dev.evenkeel.lb.examples.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The report that is checked in is what the library does now. If a change of a strategy is meant, write the report again:
 * {@code mvn -q -pl lb-examples/simulation -am compile exec:java -Dexec.args=report}.
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
        "'client pauses, 150 calls/s', adaptive"
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
