package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

class DocumentPropertiesTest {
    private final ConfigurableEnvironment environment = new StandardEnvironment() {};

    private DocumentPropertiesTest() {
        environment
                .getPropertySources()
                .forEach(source -> environment.getPropertySources().remove(source.getName()));
        ConfigurationPropertySources.attach(environment);
    }

    private void properties(String... properties) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (String property : properties) {
            map.put(property.substring(0, property.indexOf('=')), property.substring(property.indexOf('=') + 1));
        }
        environment.getPropertySources().addLast(new MapPropertySource("p" + map.hashCode(), map));
    }

    private void yaml(String text) throws Exception {
        List<PropertySource<?>> sources = new YamlPropertySourceLoader()
                .load("yaml", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)));
        sources.forEach(environment.getPropertySources()::addLast);
    }

    private void variables(Map<String, Object> variables) {
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    }

    private JsonNode document() throws Exception {
        return JsonMapper.builder().build().readTree(DocumentProperties.json(environment));
    }

    private void assertDocument(String json) throws Exception {
        assertThat(document().toPrettyString())
                .isEqualTo(JsonMapper.builder().build().readTree(json).toPrettyString());
    }

    @Test
    void tree_inYaml_isTheDocument() throws Exception {
        yaml("""
                evenkeel:
                  pools:
                    - name: users
                      strategy:
                        type: consistentHash
                        table-size: 251
                      backends:
                        - http://10.0.0.1:8080
                        - uri: http://10.0.0.2:8080
                          weight: 3
                          metadata:
                            stage: canary
                            "[build.no]": 7
                      health-check: { type: http, path: /healthz, interval: 5s }
                  retries:
                    maxAttempts: 2
                    statuses: [502, 503]
                  bypass-proxy: true
                """);

        assertDocument("""
                {
                  "pools": [ {
                    "name": "users",
                    "strategy": { "type": "consistentHash", "tableSize": 251 },
                    "backends": [
                      "http://10.0.0.1:8080",
                      { "uri": "http://10.0.0.2:8080", "weight": 3, "metadata": { "stage": "canary", "build.no": "7" } }
                    ],
                    "healthCheck": { "type": "http", "path": "/healthz", "interval": "5s" }
                  } ],
                  "retries": { "maxAttempts": 2, "statuses": [ 502, 503 ] },
                  "bypassProxy": true
                }
                """);
        LiveConfig.start(DocumentProperties.json(environment)).close();
    }

    @Test
    void texts_becomeWhatTheSchemaHas() throws Exception {
        properties(
                "evenkeel.pools[0].name=42",
                "evenkeel.pools[0].backends=http://10.0.0.1:8080, http://10.0.0.2:8080",
                "evenkeel.pools[0].strategy=roundRobin",
                "evenkeel.retries.max-attempts=2",
                "evenkeel.retries.statuses=502,503",
                "evenkeel.retries.attempt-timeout=2s",
                "evenkeel.bypassProxy=true",
                "evenkeel.credentials.[10.0.0.1:8080].Authorization=Bearer 1");

        assertDocument("""
                {
                  "pools": [ {
                    "name": "42", "backends": [ "http://10.0.0.1:8080", "http://10.0.0.2:8080" ], "strategy": "roundRobin"
                  } ],
                  "retries": { "maxAttempts": 2, "statuses": [ 502, 503 ], "attemptTimeout": "2s" },
                  "bypassProxy": true,
                  "credentials": { "10.0.0.1:8080": { "Authorization": "Bearer 1" } }
                }
                """);
        LiveConfig.start(DocumentProperties.json(environment)).close();
    }

    @Test
    void variables_ofTheProcess_setFields_andOthersArePassedOver() throws Exception {
        variables(Map.of(
                "EVENKEEL_RETRIES_MAXATTEMPTS", "5", "EVENKEEL_SERVICE_HOST", "10.0.0.9", "EVENKEEL_CONFIG", "x"));
        properties("evenkeel.retries.max-attempts=2", "evenkeel.retries.max-retry-after=1s");

        assertDocument("{ \"retries\": { \"maxAttempts\": 5, \"maxRetryAfter\": \"1s\" } }");
    }

    @Test
    void variables_canBeAWholeDocument() throws Exception {
        variables(Map.of(
                "EVENKEEL_POOLS_0_NAME", "users",
                "EVENKEEL_POOLS_0_BACKENDS_0_URI", "http://10.0.0.1:80",
                "EVENKEEL_POOLS_0_BACKENDS_0_WEIGHT", "3",
                "EVENKEEL_POOLS_0_HEALTHCHECK_TYPE", "tcp"));

        JsonNode pool = document().at("/pools/0");
        assertThat(pool.at("/backends/0/weight").isInt()).isTrue();
        assertThat(pool.at("/healthCheck/type").asText()).isEqualTo("tcp");
        assertThat(DocumentProperties.hasPools(environment)).isTrue();
        LiveConfig.start(DocumentProperties.json(environment)).close();
    }

    @Test
    void list_comesFromOneSource() throws Exception {
        properties("evenkeel.pools[0].name=users", "evenkeel.pools[0].backends[0]=http://10.0.0.1:80");
        properties(
                "evenkeel.pools[0].name=orders",
                "evenkeel.pools[0].backends[0]=http://10.0.0.2:80",
                "evenkeel.pools[0].backends[1]=http://10.0.0.3:80",
                "evenkeel.pools[1].name=more");

        assertDocument("{ \"pools\": [ { \"name\": \"users\", \"backends\": [ \"http://10.0.0.1:80\" ] } ] }");
    }

    @Test
    void placeholders_ofSpring_areReplaced_andThoseOfTheDocumentStay() throws Exception {
        properties(
                "api.token=t", "evenkeel.affinity-key.header=${api.token}", "evenkeel.client-address=${ADDRESS:none}");

        assertThat(document().at("/affinityKey/header").asText()).isEqualTo("t");
        assertThat(document().path("clientAddress").asText()).isEqualTo("${ADDRESS:none}");
    }

    @Test
    void nameThatTheSchemaHasNot_isAFaultOfTheDocument() {
        properties(
                "evenkeel.pools[0].name=users", "evenkeel.pools[0].bakends[0]=http://10.0.0.1:80", "evenkeel.poll=1");

        assertThatThrownBy(() -> LiveConfig.start(DocumentProperties.json(environment)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("$.pools[0].bakends")
                .hasMessageContaining("$.poll");
    }

    @Test
    void settingsOfTheStarter_areNoFields() {
        properties("evenkeel.config=file:x", "evenkeel.enabled=true", "evenkeel.rest-clients=false");

        assertThat(DocumentProperties.isIn(environment)).isFalse();
    }
}
