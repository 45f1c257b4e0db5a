package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Control planes of xDS, as documents have them. */
class XdsFormTest {
    private static final Type<Function<String, BackendDiscovery>> TYPE = XdsForm.type(OkHttpClient::new);

    @Test
    void cluster_isThePoolsName_unlessTheDocumentSaysIt() {
        assertThat(FormFixture.read(TYPE, "{'server': 'http://127.0.0.1:1'}").apply("users"))
                .hasToString("xDS cluster users");
        assertThat(FormFixture.read(TYPE, "{'server': 'http://127.0.0.1:1', 'cluster': 'outbound|80||users'}")
                        .apply("users"))
                .hasToString("xDS cluster outbound|80||users");
    }

    @Test
    void server_isRequired() {
        assertThat(FormFixture.faults(TYPE, "{}")).singleElement().asString().contains("server");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'scheme': 'ftp'                  | $.scheme",
                "'cds': 'perhaps'                 | $.cds",
                "'node': {'id': ' '}              | $.node",
                "'node': {'metadata': {'a': []}}  | $.node.metadata.a",
                "'node': {'locality': 'eu'}       | $.node.locality",
            })
    void badValue_isRefusedAtItsField(String field, String path) {
        assertThat(FormFixture.faults(TYPE, "{'server': 'http://127.0.0.1:1', " + field + "}"))
                .singleElement()
                .asString()
                .startsWith(path);
    }
}
