package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each claim of SECURITY.md names a test, and each test that it names exists. */
final class SecurityPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> MODULES = List.of("lb-api", "lb-core", "lb-okhttp");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*Test)`");

    private static List<String> claims() throws IOException {
        String page = Files.readString(ROOT.resolve("SECURITY.md"));
        String claims = page.substring(page.indexOf("## What the library does"));
        return Stream.of(claims.split("\n- ")).skip(1).toList();
    }

    private static List<String> tests(String text) {
        return TEST.matcher(text)
                .results()
                .map((MatchResult test) -> test.group(1))
                .toList();
    }

    @Test
    void eachClaim_namesATest() throws IOException {
        assertThat(claims())
                .hasSizeGreaterThan(10)
                .allSatisfy(claim -> assertThat(tests(claim)).as(claim).isNotEmpty());
    }

    @Test
    void eachTestThatIsNamed_exists_andTestsSomething() throws IOException {
        for (String test : tests(String.join("\n", claims()))) {
            assertThat(source(test)).as(test).contains("@Test", "class " + test);
        }
    }

    /** The text of a test, in which a parameterized one counts as well. */
    private static String source(String test) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                Set<Path> found = files.filter(
                                file -> file.getFileName().toString().equals(test + ".java"))
                        .collect(Collectors.toSet());
                for (Path file : found) {
                    text.append(Files.readString(file).replace("@ParameterizedTest", "@Test"));
                }
            }
        }
        return text.toString();
    }

    @Test
    void page_saysWhichVersionsAreSupported_andHowToReport() throws IOException {
        assertThat(Files.readString(ROOT.resolve("SECURITY.md")))
                .contains("## Report a vulnerability", "## Supported versions", "in private");
    }
}
