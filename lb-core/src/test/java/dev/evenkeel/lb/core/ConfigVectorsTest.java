package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.evenkeel.lb.core.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other implementations refuse in a configuration, ours does, too, with the place where it stands. */
class ConfigVectorsTest {
    static Stream<Vectors> vectors() {
        return Vectors.of("config.json", "config-validation");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void configuration_thatIsRefusedThere_isRefused(Vectors vector) {
        String hash = switch (vector.id()) {
            case "env-maglev-prime" ->
                "\"hash\": \"maglev\", \"tableSize\": " + vector.given().get("tableSize");
            case "env-ring-minmax" -> "\"hash\": \"ring\", \"minRingSize\": 1024, \"maxRingSize\": 512";
            default -> throw new AssertionError(vector);
        };
        String rule = vector.id().equals("env-maglev-prime") ? "prime" : "ring";

        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> PoolDocumentTest.read(("{ \"pools\": [ { \"name\": \"users\", \"backends\": [ \"http://a\" ],"
                                + " \"strategy\": { \"type\": \"consistentHash\", " + hash + " } } ] }")
                        .getBytes(StandardCharsets.UTF_8)));

        assertThat(e).isNotNull();
        assertThat(e.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.path()).startsWith("$.pools[0].strategy");
            assertThat(fault.rule()).containsIgnoringCase(rule);
        });
    }
}
