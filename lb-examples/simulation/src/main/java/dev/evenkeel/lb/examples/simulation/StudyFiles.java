package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The files of a study: its numbers, and what is drawn from them. */
final class StudyFiles {

    static final String ROWS = "results.csv";
    static final String TIMELINES = "slow-server.csv";

    private final Path folder;

    StudyFiles(Path folder) {
        this.folder = folder;
    }

    void writeNumbers(Study study) throws IOException {
        List<String> lines = new ArrayList<>(List.of(Row.HEAD));
        study.rows().forEach(row -> lines.add(row.line()));
        Files.createDirectories(folder);
        Files.write(folder.resolve(ROWS), lines);
        Files.write(
                folder.resolve(TIMELINES),
                study.timelines().stream().map(StudyFiles::line).toList());
    }

    /** Makes the rows that are missing, and writes each one at once, so that an interruption loses nothing. */
    void writeMissingNumbers(int threads) throws IOException, InterruptedException {
        writeNumbers(readNumbers().completed(threads, this::append));
    }

    private void append(Row row) {
        try {
            Files.write(folder.resolve(ROWS), List.of(row.line()), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String line(Study.Timeline timeline) {
        StringBuilder line = new StringBuilder(timeline.policy());
        timeline.percentBySecond().forEach(percent -> line.append(String.format(Locale.ROOT, ";%.3f", percent)));
        return line.toString();
    }

    /** The numbers, the drawing and the page about a fleet. */
    void writeFleet(Table numbers) throws IOException {
        FleetFigure.FLEET.write(folder, numbers);
        Files.writeString(folder.resolve(FleetPage.FILE), FleetPage.text(numbers));
    }

    /** As they were written. */
    Study readNumbers() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(ROWS));
        return new Study(
                lines.subList(1, lines.size()).stream().map(Row::parse).toList(),
                Files.readAllLines(folder.resolve(TIMELINES)).stream()
                        .map(StudyFiles::timeline)
                        .toList());
    }

    private static Study.Timeline timeline(String line) {
        List<String> fields = List.of(line.split(";", -1));
        return new Study.Timeline(
                fields.get(0),
                fields.subList(1, fields.size()).stream()
                        .map(Double::parseDouble)
                        .toList());
    }

    /** Draws what the numbers say. */
    void writeDrawings() throws IOException {
        for (Map.Entry<String, String> file : drawings(readNumbers()).entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        FleetFigure.FLEET.draw(folder);
        Files.writeString(folder.resolve(FleetPage.FILE), FleetPage.text(FleetFigure.numbers(folder)));
    }

    /** File names and contents. */
    static Map<String, String> drawings(Study study) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("latency.svg", new LatencyChart(study).svg());
        files.put("slow-server.svg", new TimelineChart(study.timelines()).svg());
        files.put("RESULTS.md", new ReportPage(study).text());
        return files;
    }
}
