package dev.evenkeel.lb.okhttp.metrics;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Prometheus's own checks of rules. */
final class Promtool {
    private final Path binary;

    private Promtool(Path binary) {
        this.binary = binary;
    }

    /** Where promtool is. Without it, the test is skipped; or fails, where servers are required. */
    static Promtool installed() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "promtool"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Promtool::new)
                .orElseGet(() -> {
                    String message = "promtool is not installed: apt-get install --no-install-recommends prometheus";
                    return Boolean.getBoolean("evenkeel.requireServers")
                            ? Assertions.fail(message)
                            : Assumptions.abort(message);
                });
    }

    /** Runs it; returns what it prints, after its exit code. */
    String run(String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of(binary.toString()), Stream.of(arguments))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + output;
    }

    /** A series of a test of rules: its values at each interval. */
    static String series(String name, List<Double> values) {
        return "      - series: '" + name + "'\n        values: '"
                + values.stream().map(String::valueOf).collect(joining(" ")) + "'\n";
    }
}
