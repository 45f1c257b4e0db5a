package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/stability.md says of each exported package, once, what a caller can rely on. */
class StabilityPageTest {
    private static final Pattern EXPORTED = Pattern.compile("exports (dev\\.evenkeel[\\w.]*);");
    private static final Pattern NAMED = Pattern.compile("`(dev\\.evenkeel[\\w.]*)`");

    @Test
    void page_namesEachExportedPackageOnce() throws IOException {
        StringBuilder modules = new StringBuilder();
        for (String module : List.of("lb-api", "lb-core", "lb-okhttp")) {
            modules.append(Files.readString(Path.of("..", module, "src/main/java/module-info.java")));
        }
        List<String> exported = all(EXPORTED, modules.toString());

        assertThat(exported).contains("dev.evenkeel.lb", "dev.evenkeel.lb.core", "dev.evenkeel.lb.okhttp");
        assertThat(all(NAMED, Files.readString(Path.of("docs/stability.md"))))
                .containsExactlyInAnyOrderElementsOf(exported);
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }
}
