package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** compatibility.md has the versions that the build tests with, and no other ones. */
class CompatibilityPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ROW =
            Pattern.compile("^\\| ([^|]+) \\| ([\\w., -]+) \\| [^|]+ \\|$", Pattern.MULTILINE);

    /** By library, the POMs and the property that has its version. */
    private static final Map<String, List<String>> PROPERTIES = properties(
            "OkHttp pom.xml okhttp.version",
            "Okio pom.xml okio.version",
            "Retrofit pom.xml retrofit.version",
            "Micrometer pom.xml micrometer.version",
            "OpenTelemetry pom.xml opentelemetry.version",
            "OpenTelemetry's_instrumentation_of_OkHttp pom.xml opentelemetry-okhttp.version",
            "Spring_Boot lb-okhttp/spring-boot/pom.xml,lb-okhttp/spring-boot/boot4/pom.xml spring-boot.version",
            "Spring_Cloud_Commons lb-okhttp/spring-boot/pom.xml,lb-okhttp/spring-boot/boot4/pom.xml spring-cloud-commons.version",
            "Kotlin pom.xml kotlin.version",
            "kotlinx-coroutines lb-examples/kotlin/pom.xml kotlinx-coroutines.version",
            "Jackson pom.xml jackson.version",
            "Caffeine pom.xml caffeine.version",
            "resilience4j pom.xml resilience4j.version",
            "SLF4J pom.xml slf4j.version",
            "dnsjava pom.xml dnsjava.version",
            "grpc-java lb-examples/clients/pom.xml grpc.version",
            "Wire lb-examples/clients/pom.xml wire.version",
            "Apache_HttpClient lb-examples/clients/pom.xml httpclient5.version");

    private static Map<String, List<String>> properties(String... lines) {
        Map<String, List<String>> properties = new LinkedHashMap<>();
        for (String line : lines) {
            List<String> parts = List.of(line.split(" "));
            properties.put(parts.get(0).replace('_', ' '), parts.subList(1, 3));
        }
        return properties;
    }

    private static String page() throws IOException {
        return Files.readString(Path.of("docs/compatibility.md"));
    }

    private static String property(String pom, String name) throws IOException {
        Matcher property =
                Pattern.compile("<" + Pattern.quote(name) + ">(.*?)</").matcher(Files.readString(ROOT.resolve(pom)));
        assertThat(property.find()).as("%s of %s", name, pom).isTrue();
        return property.group(1);
    }

    @Test
    void versions_areThoseOfTheBuild() throws IOException {
        Map<String, String> told = new LinkedHashMap<>();
        ROW.matcher(page()).results().forEach(row -> told.put(row.group(1), row.group(2)));
        told.remove("library");
        told.remove("Java");

        Map<String, String> built = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> library : PROPERTIES.entrySet()) {
            StringBuilder versions = new StringBuilder();
            for (String pom : library.getValue().get(0).split(",")) {
                versions.append(versions.isEmpty() ? "" : ", ")
                        .append(property(pom, library.getValue().get(1)));
            }
            built.put(library.getKey(), versions.toString());
        }

        assertThat(told).containsExactlyEntriesOf(built);
    }

    /** The libraries that bring an older OkHttp along. */
    @Test
    void consumers_areThoseOfTheirTest() throws IOException {
        String test = Files.readString(ROOT.resolve(
                "lb-examples/consumers/src/test/java/dev/evenkeel/lb/examples/consumers/ConsumersTest.java"));
        List<String> versions = Pattern.compile("new Library\\(\"[^\"]+\", \"[\\w.:-]+:([\\d.]+)\"\\)")
                .matcher(test)
                .results()
                .map(library -> library.group(1))
                .distinct()
                .collect(Collectors.toList());

        assertThat(versions)
                .hasSizeGreaterThan(4)
                .allSatisfy(version -> assertThat(page()).contains(version));
    }

    @Test
    void dependencies_ofAllPages_haveTheVersionOfTheBuild() throws IOException {
        String version = Pattern.compile("<artifactId>lb-parent</artifactId>\\s*<version>(.*?)</version>")
                .matcher(Files.readString(ROOT.resolve("pom.xml")))
                .results()
                .map(match -> match.group(1))
                .findFirst()
                .orElseThrow();
        StringBuilder pages = new StringBuilder(Files.readString(ROOT.resolve("README.md")));
        try (Stream<Path> manual = Files.list(Path.of("docs"))) {
            for (Path page :
                    manual.filter(file -> file.toString().endsWith(".md")).toList()) {
                pages.append(Files.readString(page));
            }
        }

        assertThat(Pattern.compile(
                                "<artifactId>lb-[\\w-]+</artifactId>\\s*<version>(.*?)</version>|dev\\.evenkeel:lb-bom:([\\w.-]+)")
                        .matcher(pages)
                        .results()
                        .map(match -> match.group(1) == null ? match.group(2) : match.group(1)))
                .hasSizeGreaterThan(5)
                .containsOnly(version);
    }

    @Test
    void java_isWhatCiRuns() throws IOException {
        assertThat(page()).contains("| Java | 17, 25 |");
        assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("temurin-25-jdk");
        assertThat(Files.readString(ROOT.resolve(".github/workflows/ci.yml"))).contains("openjdk-17-jdk");
    }
}
