package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Documents in YAML, by the parser that docs/configuration.md shows. */
class YamlTest {
    private final LoaderOptions strict = new LoaderOptions();
    private final ConfigParser parser =
            text -> new Yaml(new SafeConstructor(strict)).load(new ByteArrayInputStream(text));

    YamlTest() {
        strict.setAllowDuplicateKeys(false);
    }

    private LiveConfig start(String yaml) throws IOException {
        return LiveConfig.builder(yaml).parser(parser).start();
    }

    @Test
    void aliases_standForWhatTheyName() throws IOException {
        try (LiveConfig config = start("""
                pools:
                  - name: users
                    backends: &replicas [ "http://10.0.0.1:8080" ]
                  - name: orders
                    backends: *replicas
                """)) {
            assertThat(config.pool("orders").snapshot().backends())
                    .singleElement()
                    .satisfies(status -> assertThat(status.backend().uri()).hasToString("http://10.0.0.1:8080"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bypassProxy: true\\nbypassProxy: false                     | duplicate key bypassProxy
            bypassProxy: true\\n---\\nbypassProxy: false               | expected a single document
            bypassProxy: 'on'                                          | must be true or false: "on"
            subset: { version: 1.20 }                                  | must be a string: 1.2
            subset: { since: 2026-11-30 }                              | there is a java.util.Date
            bypassProxy: !!java.net.URL [ "http://10.0.0.1" ]          | java.net.URL
            """)
    void traps_areRefused(String line, String fault) {
        String yaml = """
                pools: [ { name: users, backends: [ "http://10.0.0.1:8080" ] } ]
                """ + line.replace("\\n", "\n") + "\n";

        assertThatThrownBy(() -> start(yaml).close())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(fault);
    }

    @ParameterizedTest
    @CsvSource({"on, true", "Yes, true", "OFF, false"})
    void wordsForFlags_areThoseOfYaml(String word, boolean meaning) throws IOException {
        try (LiveConfig config = start("""
                pools: [ { name: users, backends: [ "http://10.0.0.1:8080" ] } ]
                bypassProxy: %s
                """.formatted(word))) {
            assertThat(config.toConfig()).contains("\"bypassProxy\" : " + meaning);
        }
    }
}
