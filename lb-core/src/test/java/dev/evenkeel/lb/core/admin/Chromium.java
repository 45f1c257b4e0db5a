package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Chromium without a window, with a profile in a directory of the test. */
record Chromium(Path executable, Path directory) {
    /** Aborts the test if there is none; fails it with {@code -Devenkeel.requireServers=true}. */
    static Chromium find(Path directory) {
        Path found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(part -> Path.of(part, "chromium"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found != null) {
            return new Chromium(found, directory);
        }
        String message = "chromium is not installed: apt-get install --no-install-recommends chromium";
        return Boolean.getBoolean("evenkeel.requireServers") ? Assertions.fail(message) : Assumptions.abort(message);
    }

    /** The page's tree after 3.5 s of its own time. */
    String dump(String url) throws IOException, InterruptedException {
        return Files.readString(run("--dump-dom", url));
    }

    /** A picture of the page, light or dark. */
    void screenshot(String url, Path png, int width, int height, boolean dark)
            throws IOException, InterruptedException {
        run(
                "--screenshot=" + png.toAbsolutePath(),
                "--window-size=" + width + "," + height,
                "--hide-scrollbars",
                "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
                url);
    }

    private Path run(String... arguments) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        List<String> command = new ArrayList<>(List.of(
                executable.toString(),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-extensions",
                "--disable-background-networking",
                "--no-first-run",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + directory.resolve("profile"),
                "--virtual-time-budget=3500"));
        command.addAll(List.of(arguments));
        Process browser = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        try {
            assertThat(browser.waitFor(4, TimeUnit.MINUTES)).as("browser ends").isTrue();
        } finally {
            browser.descendants().forEach(ProcessHandle::destroyForcibly);
            browser.destroyForcibly().waitFor();
        }
        return out;
    }
}
