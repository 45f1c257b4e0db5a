package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.internal.document.ClientForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** docs/configuration.md tells every field as the reader reads it, and its example does what it says. */
@Timeout(60)
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("docs/configuration.md");
    private static final String BEGIN = "<!-- begin: written by ConfigurationPageTest -->\n";
    private static final String END = "<!-- end -->\n";
    private static final Pattern JSON = Pattern.compile("^```json\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("^\\| `", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\]\\(#([a-z0-9-]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^### (.+)$", Pattern.MULTILINE);

    @TempDir
    private Path directory;

    @Test
    void everyField_isToldAsTheReaderReadsIt() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        String expected = page.substring(0, begin)
                + ConfigDocument.reference(ClientForm.document(OkHttpClient::new))
                + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("evenkeel.update")) {
            Files.writeString(PAGE, expected);
        }

        assertThat(Files.readString(PAGE))
                .as("to write it again: mvn test -Dtest=ConfigurationPageTest -Devenkeel.update=true")
                .isEqualTo(expected);
        assertThat(FIELD.matcher(expected).results().count()).isGreaterThan(200);
        List<String> headings = HEADING.matcher(expected)
                .results()
                .map(heading ->
                        heading.group(1).toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9-]", ""))
                .toList();
        assertThat(LINK.matcher(expected).results().map(link -> link.group(1))).isSubsetOf(headings);
    }

    @Test
    void example_doesWhatItSays() throws IOException {
        Matcher example = JSON.matcher(Files.readString(PAGE));
        assertThat(example.find()).isTrue();
        List<TestBackend> backends = new ArrayList<>();
        try {
            for (String name : List.of("one", "two", "three")) {
                backends.add(TestBackend.start(name));
            }
            String text = example.group(1);
            for (int i = 0; i < 3; i++) {
                text = text.replace(
                        "http://10.0.0." + (i + 1) + ":8080", backends.get(i).uri());
            }
            Path file = Files.writeString(directory.resolve("balancing.json"), text);
            try (LiveConfig config = LiveConfig.start(file)) {
                OkHttpClient www = config.attach(new OkHttpClient());

                assertThat(Calls.body(www, "http://www.example.com/users/7")).isIn("one", "two");
                assertThat(Calls.body(www, "http://www.example.com/images/1.png"))
                        .isEqualTo("three");
                assertThat(backends.get(2).requests().get(0).getTarget()).isEqualTo("/1.png");
            }
        } finally {
            backends.forEach(TestBackend::close);
        }
    }

    @Test
    void everyJson_isADocument() throws IOException {
        JSON.matcher(Files.readString(PAGE))
                .results()
                .forEach(json -> LiveConfig.start(json.group(1)).close());
    }
}
