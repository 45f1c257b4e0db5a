package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** etcd's registry, as documents have it. */
class EtcdFormTest {
    private static final Type<Function<String, BackendDiscovery>> TYPE = EtcdForm.type(OkHttpClient::new);

    @Test
    void prefix_isTheDocuments_andNotThePoolsName() {
        assertThat(FormFixture.read(TYPE, "{'server': 'http://127.0.0.1:1', 'prefix': '/services/'}")
                        .apply("users"))
                .hasToString("etcd prefix /services/");
    }

    @Test
    void serverAndPrefix_areRequired() {
        assertThat(FormFixture.faults(TYPE, "{}"))
                .hasSize(2)
                .anyMatch(fault -> fault.contains("server"))
                .anyMatch(fault -> fault.contains("prefix"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'scheme': 'ftp'                                | $.scheme",
                "'watchTimeout': '2h'                           | $.watchTimeout",
                "'credentials': {'user': 'me'}                  | $.credentials",
                "'credentials': {'user': ' ', 'password': 'no'} | $.credentials",
            })
    void badValue_isRefusedAtItsField(String field, String path) {
        assertThat(FormFixture.faults(TYPE, "{'server': 'http://127.0.0.1:1', 'prefix': '/services/', " + field + "}"))
                .singleElement()
                .asString()
                .startsWith(path);
    }
}
