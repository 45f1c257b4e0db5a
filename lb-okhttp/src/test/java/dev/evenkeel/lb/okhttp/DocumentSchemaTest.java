package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The schema in the jar is the one of the reader, for both come from one description. */
class DocumentSchemaTest {
    private static final Path FILE = Path.of("src/main/resources/dev/evenkeel/lb/okhttp/balancing.schema.json");

    @Test
    void schema_isTheOneOfTheForms() throws IOException {
        String expected = LiveConfig.schema();
        if (Boolean.getBoolean("evenkeel.update")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, expected);
        }

        assertThat(Files.readString(FILE))
                .as("to write it again: mvn test -Dtest=DocumentSchemaTest -Devenkeel.update=true")
                .isEqualTo(expected);
        assertThat(LoadBalancing.class.getResource("balancing.schema.json")).isNotNull();
    }
}
