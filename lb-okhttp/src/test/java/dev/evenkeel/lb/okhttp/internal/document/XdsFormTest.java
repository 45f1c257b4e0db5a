package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        assertThat(FormFixture.faults(TYPE, "{}"))
                .singleElement()
                .asString()
                .contains("server is required, or bootstrap");
        assertThat(FormFixture.faults(TYPE, "{'server': 'ftp://a'}"))
                .singleElement()
                .asString()
                .startsWith("$.server: ");
    }

    @Test
    void bootstrap_isAFile_inPlaceOfServers(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(
                directory.resolve("xds.json"),
                "{\"xds_servers\":[{\"server_uri\":\"127.0.0.1:1\",\"channel_creds\":[{\"type\":\"insecure\"}]}]}");

        assertThat(FormFixture.read(TYPE, "{'bootstrap': '" + file + "', 'node': {'id': 'me'}}")
                        .apply("users"))
                .hasToString("xDS cluster users");
        assertThat(FormFixture.faults(TYPE, "{'bootstrap': '" + file + "', 'server': 'http://127.0.0.1:1'}"))
                .singleElement()
                .asString()
                .contains("server and bootstrap exclude each other");
    }

    @Test
    void bootstrap_thatIsNone_isRefusedAtItsField(@TempDir Path directory) throws Exception {
        assertThat(FormFixture.faults(TYPE, "{'bootstrap': '/no/such/file'}"))
                .singleElement()
                .asString()
                .startsWith("$.bootstrap: ")
                .contains("cannot read the bootstrap file /no/such/file");
        Path file = Files.writeString(directory.resolve("xds.json"), "{}");
        assertThat(FormFixture.faults(TYPE, "{'bootstrap': '" + file + "'}"))
                .singleElement()
                .asString()
                .contains("xds_servers must have a server");
    }

    @Test
    void bootstrapOfTheEnvironment_isReadThere() {
        Assumptions.assumeTrue(System.getenv("GRPC_XDS_BOOTSTRAP") == null);
        Assumptions.assumeTrue(System.getenv("GRPC_XDS_BOOTSTRAP_CONFIG") == null);
        assertThat(FormFixture.faults(TYPE, "{'bootstrap': 'environment'}"))
                .singleElement()
                .asString()
                .startsWith("$.bootstrap: ")
                .contains("GRPC_XDS_BOOTSTRAP must be set");
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
