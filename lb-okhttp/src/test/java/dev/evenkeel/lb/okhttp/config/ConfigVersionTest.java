package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument.Document;
import dev.evenkeel.lb.okhttp.internal.document.ClientDefinition;
import dev.evenkeel.lb.okhttp.internal.document.ClientForm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** The document in force: how it is written, and which pools it closes. */
class ConfigVersionTest {
    private static LoadBalancer pool(String name, String... uris) {
        return LoadBalancers.builder(name)
                .backends(List.of(uris).stream().map(Backend::of).toList())
                .build();
    }

    private static ConfigVersion version(String document, LoadBalancer... pools) {
        Document<ClientDefinition> read = new ConfigDocument(
                        "test", document.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                .read(ClientForm.document(OkHttpClient::new));
        return new ConfigVersion(
                read.value(),
                read.fields(),
                List.of(pools).stream().collect(Collectors.toMap(LoadBalancer::name, pool -> pool)));
    }

    private static JsonNode written(ConfigVersion version) throws Exception {
        return new ObjectMapper().readTree(version.toConfig());
    }

    @Test
    void presentBackends_areWritten_theDocumentsAsTheyStood() throws Exception {
        try (LoadBalancer users = pool("users", "http://10.0.0.1:80", "http://10.0.0.2:80")) {
            users.registry().add(Backend.builder("http://10.0.0.3:80").weight(3).build());
            users.registry().remove("10.0.0.2:80").toCompletableFuture().join();
            ConfigVersion version = version(
                    "{'pools': [{'name': 'users', 'backends': ['http://10.0.0.1:80', 'http://10.0.0.2:80']}],"
                            + " 'reloadInterval': '5s'}",
                    users);

            JsonNode document = written(version);
            assertThat(document.path("reloadInterval").asText()).isEqualTo("5s");
            JsonNode backends = document.path("pools").path(0).path("backends");
            assertThat(backends).hasSize(2);
            assertThat(backends.path(0).asText()).isEqualTo("http://10.0.0.1:80");
            assertThat(backends.path(1).path("uri").asText()).isEqualTo("http://10.0.0.3:80");
            assertThat(backends.path(1).path("weight").asInt()).isEqualTo(3);
        }
    }

    @Test
    void backendWithADefaultSpelledOut_isWrittenAsItStood() throws Exception {
        try (LoadBalancer users = pool("users", "http://10.0.0.1:80")) {
            ConfigVersion version = version(
                    "{'pools': [{'name': 'users', 'backends': [{'uri': 'http://10.0.0.1:80', 'weight': 1}]}]}", users);

            assertThat(written(version)
                            .path("pools")
                            .path(0)
                            .path("backends")
                            .path(0)
                            .path("weight")
                            .asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void poolThatIsEmpty_isWrittenAsItStood_sinceADocumentMustHaveBackends() throws Exception {
        try (LoadBalancer users = pool("users")) {
            ConfigVersion version =
                    version("{'pools': [{'name': 'users', 'backends': ['http://10.0.0.1:80']}]}", users);

            assertThat(written(version)
                            .path("pools")
                            .path(0)
                            .path("backends")
                            .path(0)
                            .asText())
                    .isEqualTo("http://10.0.0.1:80");
        }
    }

    @Test
    void poolOfARegistry_isWrittenWithoutItsPresentBackends() throws Exception {
        try (LoadBalancer users = pool("users", "http://10.0.0.1:80")) {
            ConfigVersion version = version(
                    "{'pools': [{'name': 'users', 'discovery': {'type': 'consul', 'server': 'http://127.0.0.1:1'}}]}",
                    users);

            assertThat(written(version).path("pools").path(0).has("backends")).isFalse();
            assertThat(written(version).path("pools").path(0).has("discovery")).isTrue();
        }
    }

    @Test
    void newPools_areClosed_andThoseOfTheVersionBeforeAreNot() {
        try (LoadBalancer kept = pool("kept", "http://10.0.0.1:80");
                LoadBalancer added = pool("added", "http://10.0.0.1:80")) {
            ConfigVersion version = version(
                    "{'pools': [{'name': 'kept', 'backends': ['http://10.0.0.1:80']},"
                            + " {'name': 'added', 'backends': ['http://10.0.0.1:80']}]}",
                    kept,
                    added);

            version.closeNew(Map.of("kept", kept));

            assertThat(kept.acquire(RequestContext.ofAffinityKey("x"))).isInstanceOf(Lease.class);
            assertThat(added.acquire(RequestContext.ofAffinityKey("x"))).isNotInstanceOf(Lease.class);
        }
    }
}
