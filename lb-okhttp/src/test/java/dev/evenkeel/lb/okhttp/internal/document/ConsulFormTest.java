package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Consul's registry, as documents have it. */
class ConsulFormTest {
    private static final Type<Function<String, BackendDiscovery>> TYPE = ConsulForm.type(OkHttpClient::new);

    @Test
    void service_isThePoolsName_unlessGiven() {
        assertThat(FormFixture.read(TYPE, "{'server': 'http://127.0.0.1:1'}").apply("users"))
                .hasToString("Consul service users");
        assertThat(FormFixture.read(
                                TYPE, "{'server': ['http://127.0.0.1:1', 'http://127.0.0.1:2'], 'service': 'accounts'}")
                        .apply("users"))
                .hasToString("Consul service accounts");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'watchTimeout': '11m'                                    | $.watchTimeout",
                "'minInterval': '0s'                                       | $.minInterval",
                "'scheme': 'ftp'                                           | $.scheme",
                "'tag': ['a', '']                                          | $.tag",
                "'token': 'geheim\\u0000'                                | $.token",
                "'service': ' '                                                | $.service",
                "'backoff': {'initialInterval': '2s', 'maxInterval': '1s'} | $.backoff",
            })
    void badValue_isRefusedAtItsField(String field, String path) {
        assertThat(FormFixture.faults(TYPE, "{'server': 'http://127.0.0.1:1', " + field + "}"))
                .singleElement()
                .asString()
                .startsWith(path + ": ");
    }

    @Test
    void serverThatIsNone_isRefused_andItsPasswordNotTold() {
        assertThat(FormFixture.faults(TYPE, "{}")).singleElement().asString().contains("server");
        assertThat(FormFixture.faults(TYPE, "{'server': ['http://127.0.0.1:1', 'ftp://me:geheim@h/']}"))
                .singleElement()
                .asString()
                .startsWith("$.server: ")
                .doesNotContain("geheim");
    }
}
