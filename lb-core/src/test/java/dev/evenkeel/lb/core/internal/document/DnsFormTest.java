package dev.evenkeel.lb.core.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsFormTest {
    @ParameterizedTest
    @ValueSource(strings = {"a..b", ".a", "a b", "a/b", "a:80"})
    void malformedName_isAFaultWithItsPath(String name) {
        String document = """
                { "pools": [ { "name": "users", "discovery": { "type": "dns", "names": [ "%s" ], "port": 80 } } ] }
                """.formatted(name);

        ConfigException refused = catchThrowableOfType(
                ConfigException.class,
                () -> new ConfigDocument("test", document.getBytes(StandardCharsets.UTF_8)).read(PoolForm.document()));

        assertThat(refused.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.path()).isEqualTo("$.pools[0].discovery.names");
            assertThat(fault.rule()).startsWith("DNS name must have labels of 1 to 63 letters");
        });
    }
}
