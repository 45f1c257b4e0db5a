package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The registry of Kubernetes, as documents have it. */
class KubernetesFormTest {
    private static final Type<Function<String, BackendDiscovery>> TYPE = KubernetesForm.type(OkHttpClient::new);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "                                         | default/users",
                ", 'service': 'accounts'                  | default/accounts",
                ", 'namespace': 'live'                    | live/users",
                ", 'service': 'a', 'namespace': 'live'    | live/a",
            })
    void serviceAndNamespace_haveDefaults(String fields, String expected) {
        String more = fields == null ? "" : fields;
        assertThat(FormFixture.read(TYPE, "{'server': 'http://127.0.0.1:1'" + more + "}")
                        .apply("users"))
                .hasToString("Kubernetes service " + expected);
    }

    @Test
    void withoutAServer_outsideOfAPod_thePoolIsRefused() {
        assumeThat(System.getenv("KUBERNETES_SERVICE_HOST")).isNull();
        Function<String, BackendDiscovery> sources = FormFixture.read(TYPE, "{}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> sources.apply("users"))
                .withMessageStartingWith("server is required: this is no pod of Kubernetes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'port': 65536              | $.port",
                "'portName': ''             | $.portName",
                "'scheme': 'ftp'            | $.scheme",
                "'watchTimeout': '500ms'    | $.watchTimeout",
                "'token': 'geheim\\u0000'   | $.token",
                "'zoneHints': ''            | $.zoneHints",
                "'server': 'ftp://h'        | $.server",
            })
    void badValue_isRefusedAtItsField(String field, String path) {
        assertThat(FormFixture.faults(TYPE, "{" + field + "}"))
                .singleElement()
                .asString()
                .startsWith(path + ": ")
                .doesNotContain("geheim");
    }
}
