package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bootstrap files of gRPC. */
class XdsBootstrapTest {

    private static XdsBootstrap parse(String json) {
        return XdsBootstrap.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void serversAndNode_areRead() {
        XdsBootstrap bootstrap = parse("""
                {
                  'xds_servers': [
                    { 'server_uri': 'xds.internal:18000', 'server_features': [ 'xds_v3' ],
                      'channel_creds': [ { 'type': 'google_default' }, { 'type': 'insecure' } ] }
                  ],
                  'node': { 'id': 'me', 'cluster': 'shop', 'metadata': { 'v': 2 },
                    'locality': { 'region': 'eu', 'zone': 'eu-1a', 'sub_zone': 'rack7' } },
                  'authorities': {}
                }
                """);
        assertThat(bootstrap.servers()).singleElement().hasToString("http://xds.internal:18000/");
        XdsNode node = bootstrap.node();
        assertThat(node.id()).isEqualTo("me");
        assertThat(node.cluster()).isEqualTo("shop");
        assertThat(node.region() + node.zone() + node.subZone()).isEqualTo("eueu-1arack7");
        assertThat(node.metadata()).hasToString("{\"v\":2}");
    }

    @ParameterizedTest
    @CsvSource({
        "dns:///xds.internal:18000, https://xds.internal:18000/",
        "dns:xds.internal, https://xds.internal/",
        "xds.internal, https://xds.internal/",
        "[::1]:18000, https://[::1]:18000/",
    })
    void targets_areUrls(String target, String url) {
        String server = "{'xds_servers': [{'server_uri': '%s', 'channel_creds': [{'type': 'tls', 'config': {}}]}]}";
        XdsBootstrap bootstrap = parse(server.formatted(target));
        assertThat(bootstrap.servers()).singleElement().hasToString(url);
        assertThat(bootstrap.node().id()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[]                                                                    | one JSON object",
                "{'xds_servers': []}                                                   | xds_servers",
                "{'xds_servers': [{'server_uri': 'unix:///x'}]}                        | server_uri",
                "{'xds_servers': [{'server_uri': 'dns://8.8.8.8/h:1'}]}                | server_uri",
                "{'xds_servers': [{'server_uri': 'h:1'}]}                              | channel_creds",
                "{'xds_servers': [{'server_uri': 'h:1', 'channel_creds': [{'type': 'alts'}]}]} | insecure or tls",
                "{'xds_servers': [{'server_uri': 'h:1', 'channel_creds': [{'type': 'tls', 'config': {'a': 1}}]}]} | OkHttpClient",
                "{'xds_servers': [{'server_uri': 'h:1', 'channel_creds': [{'type': 'tls'}]}], 'node': {'id': 7}} | id must be",
            })
    void fileThatAsksForSomethingElse_isRefused(String json, String rule) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(json)).withMessageContaining(rule);
    }

    private static String of(String server) {
        return "{\"xds_servers\":[{\"server_uri\":\"" + server + "\",\"channel_creds\":[{\"type\":\"insecure\"}]}]}";
    }

    private static List<RegistryServer> servers(Map<String, String> environment) {
        return XdsBootstrap.read(environment).servers();
    }

    @Test
    void environment_namesAFile_orHasTheText_andTheFileGoesFirst(@TempDir Path directory) throws Exception {
        String file =
                Files.writeString(directory.resolve("xds.json"), of("a:1")).toString();
        Map<String, String> text = Map.of("GRPC_XDS_BOOTSTRAP_CONFIG", of("b:2"));

        assertThat(servers(Map.of("GRPC_XDS_BOOTSTRAP", file))).singleElement().hasToString("http://a:1/");
        assertThat(servers(text)).singleElement().hasToString("http://b:2/");

        Map<String, String> both = new HashMap<>(text);
        both.put("GRPC_XDS_BOOTSTRAP", file);
        assertThat(servers(both)).singleElement().hasToString("http://a:1/");
        both.put("GRPC_XDS_BOOTSTRAP", directory.resolve("none").toString());
        assertThatThrownBy(() -> XdsBootstrap.read(both)).isInstanceOf(UncheckedIOException.class);
        both.put("GRPC_XDS_BOOTSTRAP", "");
        assertThat(servers(both)).singleElement().hasToString("http://b:2/");
    }

    @Test
    void environmentWithout_orWithABadText_isTold() {
        assertThatIllegalStateException()
                .isThrownBy(() -> XdsBootstrap.read(Map.of()))
                .withMessage("GRPC_XDS_BOOTSTRAP must be set to the path of a bootstrap file, or"
                        + " GRPC_XDS_BOOTSTRAP_CONFIG to its text");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> XdsBootstrap.read(Map.of("GRPC_XDS_BOOTSTRAP_CONFIG", "{}")))
                .withMessage("GRPC_XDS_BOOTSTRAP_CONFIG: xds_servers must have a server");
    }

    @Test
    void file_thatIsNone_isToldWithItsName(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("bootstrap.json");
        assertThatThrownBy(() -> XdsBootstrap.read(file)).isInstanceOf(UncheckedIOException.class);
        Files.writeString(file, "{}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> XdsBootstrap.read(file))
                .withMessage("bootstrap file " + file + ": xds_servers must have a server");
        Files.writeString(file, " ".repeat((1 << 20) + 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> XdsBootstrap.read(file))
                .withMessageContaining("at most 1048576 bytes");
    }
}
