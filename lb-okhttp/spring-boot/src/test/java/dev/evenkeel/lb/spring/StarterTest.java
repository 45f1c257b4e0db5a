package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.config.ConfigEvent;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.MapPropertySource;
import org.springframework.web.client.RestClient;

/** A whole application with the starter: on Spring Boot 3.5 here, and on 4 in the module boot4. */
@Timeout(120)
class StarterTest {
    private final List<Replica> replicas = new ArrayList<>();

    @TempDir
    private Path directory;

    private Path document;

    @BeforeEach
    void startReplicas() throws Exception {
        Stream.of("a", "b", "c").map(Replica::start).forEach(replicas::add);
        document = write("balancing.json", document("users", "roundRobin"));
    }

    @AfterEach
    void stopReplicas() {
        replicas.forEach(Replica::close);
    }

    private Path write(String name, String text) throws Exception {
        // At once: a file that is written in two steps is read in between.
        Path written = Files.writeString(directory.resolve(name + ".new"), text);
        return Files.move(written, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private String document(String pool, String strategy) {
        return """
                {
                  "pools": [ {
                    "name": "%s",
                    "strategy": "%s",
                    "backends": [ %s ],
                    "healthCheck": { "type": "tcp", "interval": "100ms", "timeout": "1s" }
                  } ],
                  "reloadInterval": "100ms"
                }
                """.formatted(
                pool,
                strategy,
                replicas.stream().map(replica -> "\"" + replica.uri() + "\"").collect(Collectors.joining(", ")));
    }

    private Application start(String... more) {
        List<String> properties = new ArrayList<>(List.of("evenkeel.config=" + document.toUri()));
        properties.addAll(List.of(more));
        return Application.start(properties.toArray(String[]::new));
    }

    @Test
    void tests_runOnTheSpringBootOfTheModule() {
        assertThat(SpringBootVersion.getVersion()).isEqualTo(System.getProperty("evenkeel.springBoot"));
    }

    @Test
    void restClientOfSpringBoot_isBalanced() {
        try (Application application = start()) {
            RestClient client = application
                    .bean(RestClient.Builder.class)
                    .baseUrl("http://users")
                    .build();

            Set<String> answers = new LinkedHashSet<>();
            for (int i = 0; i < 6; i++) {
                answers.add(client.get().uri("/api/42?x=1").retrieve().body(String.class));
            }

            assertThat(answers)
                    .containsExactlyInAnyOrder("a GET /api/42?x=1", "b GET /api/42?x=1", "c GET /api/42?x=1");
            assertThat(replicas).extracting(Replica::requests).containsExactly(2, 2, 2);
        }
    }

    @Test
    void okHttpBeans_areBalanced() throws Exception {
        try (Application application = start()) {
            assertThat(application.bean(Call.Factory.class)).isInstanceOf(HedgingCallFactory.class);
            OkHttpClient client = application.bean(OkHttpClient.class);
            try (Response response = client.newCall(
                            new Request.Builder().url("http://users/x").build())
                    .execute()) {
                assertThat(response.body().string()).isIn("a GET /x", "b GET /x", "c GET /x");
            }
        }
    }

    @Test
    void health_goesFromUpOverDegradedToDown() throws Exception {
        try (Application application = start()) {
            await().untilAsserted(() ->
                    assertThat(health(application).at("/details/well").asInt()).isEqualTo(3));
            assertThat(health(application).path("status").asText()).isEqualTo("UP");
            assertThat(health(application).at("/details/state").asText()).isEqualTo("up");

            replicas.get(0).close();
            await().untilAsserted(() -> assertThat(
                            health(application).at("/details/state").asText())
                    .isEqualTo("degraded"));
            assertThat(health(application).path("status").asText()).isEqualTo("UP");
            assertThat(health(application).at("/details/unwell").asInt()).isEqualTo(1);
            assertThat(health(application).at("/details/reasons").fieldNames().next())
                    .isEqualTo(replicas.get(0).id());

            replicas.forEach(Replica::close);
            await().untilAsserted(() ->
                    assertThat(health(application).path("status").asText()).isEqualTo("DOWN"));
            assertThat(health(application).at("/details/backends").asInt()).isEqualTo(3);
            assertThat(health(application).at("/details/well").asInt()).isZero();
            assertThat(health(application).at("/details/unwell").asInt()).isEqualTo(3);
            assertThat(application.status("/actuator/health")).isEqualTo(503);
            assertThat(application.status("/actuator/health/evenkeel/users")).isEqualTo(503);
        }
    }

    private static JsonNode health(Application application) throws Exception {
        return application.get("/actuator/health").at("/components/evenkeel/components/users");
    }

    @Test
    void health_switchedOff_isAbsent() throws Exception {
        try (Application application = start("management.health.evenkeel.enabled=false")) {
            assertThat(application
                            .get("/actuator/health")
                            .at("/components/evenkeel")
                            .isMissingNode())
                    .isTrue();
        }
    }

    @Test
    void endpoint_showsWhatTheStatsPageShows() throws Exception {
        try (Application application = start()) {
            JsonNode pool = application.get("/actuator/evenkeel").at("/pools/0");

            assertThat(pool.path("name").asText()).isEqualTo("users");
            assertThat(pool.path("strategy").asText()).isEqualTo("roundRobin");
            assertThat(pool.path("backends").findValuesAsText("id"))
                    .containsExactlyElementsOf(
                            replicas.stream().map(Replica::id).toList());
        }
    }

    @Test
    void endpoint_drainsAndActivates() throws Exception {
        try (Application application = start()) {
            RestClient client = application
                    .bean(RestClient.Builder.class)
                    .baseUrl("http://users")
                    .build();

            assertThat(control(application, 0, "\"drain\"")).isEqualTo("DRAINING");
            for (int i = 0; i < 6; i++) {
                client.get().uri("/").retrieve().toBodilessEntity();
            }
            assertThat(replicas.get(0).requests()).isZero();
            assertThat(replicas.get(1).requests() + replicas.get(2).requests()).isEqualTo(6);

            assertThat(control(application, 0, "\"activate\"")).isEqualTo("ACTIVE");
            assertThat(control(application, 1, "\"maintenance\"")).isEqualTo("MAINTENANCE");
            for (int i = 0; i < 6; i++) {
                client.get().uri("/").retrieve().toBodilessEntity();
            }
            assertThat(replicas.get(0).requests()).isPositive();

            assertThat(control(application, 2, "\"weight\", \"weight\": 7")).isEqualTo("ACTIVE");
            assertThat(application
                            .bean(LiveConfig.class)
                            .pool("users")
                            .snapshot()
                            .backend(replicas.get(2).id())
                            .backend()
                            .weight())
                    .isEqualTo(7);
        }
    }

    private String control(Application application, int replica, String action) throws Exception {
        var response = application.post(
                "/actuator/evenkeel", body(replicas.get(replica).id(), action));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonMapper.builder()
                .build()
                .readTree(response.body())
                .path("adminState")
                .asText();
    }

    private static String body(String backend, String action) {
        return "{ \"pool\": \"users\", \"backend\": \"" + backend + "\", \"action\": " + action + " }";
    }

    @Test
    void endpoint_refusesWhatIsUnknown() throws Exception {
        try (Application application = start()) {
            String id = replicas.get(0).id();
            Map<String, String> reasons = Map.of(
                    body("10.0.0.9:80", "\"drain\""),
                    "10.0.0.9:80",
                    body(id, "\"explode\""),
                    "unknown action \\\"explode\\\"; expected one of activate, drain",
                    body(id, "\"weight\""),
                    "needs a \\\"weight\\\"",
                    body(id, "\"weight\", \"weight\": 0"),
                    "weight must be 1..65535: 0",
                    "{ \"pool\": \"orders\", \"backend\": \"" + id + "\", \"action\": \"drain\" }",
                    "orders");
            for (Map.Entry<String, String> wrong : reasons.entrySet()) {
                HttpResponse<String> refused = application.post("/actuator/evenkeel", wrong.getKey());
                assertThat(refused.statusCode()).as(wrong.getKey()).isEqualTo(400);
                assertThat(refused.body()).startsWith("{\"error\":").contains(wrong.getValue());
            }
            assertThat(application
                            .post("/actuator/evenkeel", "{ \"pool\": \"users\" }")
                            .statusCode())
                    .isEqualTo(400);
        }
    }

    @Test
    void endpoint_forReading_hasNoControls() throws Exception {
        try (Application application = start("management.endpoint.evenkeel.access=read-only")) {
            assertThat(application.status("/actuator/evenkeel")).isEqualTo(200);
            assertThat(application
                            .post("/actuator/evenkeel", body(replicas.get(0).id(), "\"drain\""))
                            .statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void restClients_switchedOff_areSpringBootsOwn() {
        try (Application application = start("evenkeel.rest-clients=false")) {
            assertThat(application.context().getBeanNamesForType(OkHttpRequestFactory.class))
                    .hasSize(1);
            assertThat(application.context().containsBean("evenkeelRestClientCustomizer"))
                    .isFalse();
        }
    }

    @Test
    void file_thatIsRefused_leavesTheOneInForce() throws Exception {
        try (Application application = Application.start(Listening.class, "evenkeel.config=" + document.toUri())) {
            write("balancing.json", document("users", "roundRobin").replace("backends", "bakends"));

            List<ConfigEvent> events = application.bean(Listening.class).events;
            await().until(() -> events.stream().anyMatch(ConfigEvent.Refused.class::isInstance));
            assertThat(application
                            .bean(LiveConfig.class)
                            .pool("users")
                            .snapshot()
                            .backends())
                    .hasSize(3);
            assertThat(value(application, "evenkeel.reload.success")).isZero();
            assertThat(value(application, "evenkeel.reloads.refused")).isEqualTo(1);

            write("balancing.json", document("users", "leastConnections"));

            await().untilAsserted(() ->
                    assertThat(value(application, "evenkeel.reload.success")).isEqualTo(1));
            assertThat(value(application, "evenkeel.reloads.refused")).isEqualTo(1);
            assertThat(value(application, "evenkeel.reload.time")).isPositive();
        }
    }

    private static double value(Application application, String meter) throws Exception {
        return application
                .get("/actuator/metrics/" + meter)
                .at("/measurements/0/value")
                .asDouble(Double.NaN);
    }

    /** An application that hears of reloads. */
    @Configuration
    @EnableAutoConfiguration
    static class Listening {
        final List<ConfigEvent> events = new CopyOnWriteArrayList<>();

        @EventListener
        void reloaded(ConfigEvent event) {
            events.add(event);
        }
    }

    @Test
    void meters_ofThePools_areOnTheActuatorsRegistry() throws Exception {
        try (Application application = start()) {
            application
                    .bean(RestClient.Builder.class)
                    .build()
                    .get()
                    .uri("http://users/")
                    .retrieve()
                    .toBodilessEntity();

            assertThat(value(application, "evenkeel.attempts?tag=pool:users")).isEqualTo(1);
        }
    }

    @Test
    void file_isFollowed_withMetersAndHealth() throws Exception {
        try (Application application = start()) {
            write("balancing.json", document("orders", "leastConnections"));

            await().untilAsserted(() -> assertThat(application
                            .get("/actuator/evenkeel")
                            .at("/pools/0/name")
                            .asText())
                    .isEqualTo("orders"));
            await().untilAsserted(
                            () -> assertThat(application.status("/actuator/metrics/evenkeel.backends?tag=pool:orders"))
                                    .isEqualTo(200));
            assertThat(application.status("/actuator/metrics/evenkeel.backends?tag=pool:users"))
                    .isEqualTo(404);
            assertThat(application
                            .get("/actuator/health")
                            .at("/components/evenkeel/components")
                            .fieldNames())
                    .toIterable()
                    .containsExactly("orders");
        }
    }

    @Test
    void changeOfTheEnvironment_reloadsTheProperties() {
        try (Application application = Application.start(
                "evenkeel.pools[0].name=users",
                "evenkeel.pools[0].backends[0]=" + replicas.get(0).uri())) {
            LiveConfig config = application.bean(LiveConfig.class);
            application
                    .context()
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "refreshed",
                            Map.of(
                                    "evenkeel.pools[0].name", "users",
                                    "evenkeel.pools[0].backends[0]",
                                            replicas.get(1).uri(),
                                    "evenkeel.pools[0].backends[1]",
                                            replicas.get(2).uri())));

            application
                    .context()
                    .publishEvent(
                            new EnvironmentChangeEvent(application.context(), Set.of("evenkeel.pools[0].backends[0]")));

            assertThat(config.pool("users").snapshot().backends())
                    .extracting(status -> status.backend().id())
                    .containsExactly(replicas.get(1).id(), replicas.get(2).id());
        }
    }

    @Test
    void changeOfTheEnvironment_thatIsRefused_changesNothing() {
        try (Application application = Application.start(
                "evenkeel.pools[0].name=users",
                "evenkeel.pools[0].backends[0]=" + replicas.get(0).uri())) {
            application
                    .context()
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "refreshed",
                            Map.of("evenkeel.pools[0].name", "users", "evenkeel.pools[0].bakends[0]", "http://x")));

            application.context().publishEvent(new EnvironmentChangeEvent(application.context(), Set.of("evenkeel")));

            assertThat(application
                            .bean(LiveConfig.class)
                            .pool("users")
                            .snapshot()
                            .backends())
                    .extracting(status -> status.backend().id())
                    .containsExactly(replicas.get(0).id());
        }
    }

    @Test
    void closedContext_leavesNoThread() throws Exception {
        Set<Thread> before = threads();
        try (Application application = start()) {
            application
                    .bean(RestClient.Builder.class)
                    .build()
                    .get()
                    .uri("http://users/")
                    .retrieve()
                    .toBodilessEntity();
            OkHttpClient client = application.bean(OkHttpClient.class);
            client.newCall(new Request.Builder().url("http://users/").build()).enqueue(ignoring());
            await().until(() -> replicas.stream().mapToInt(Replica::requests).sum() >= 2);
            assertThat(ours(before)).isNotEmpty();
        }
        await().untilAsserted(() -> assertThat(ours(before)).isEmpty());
    }

    private static Callback ignoring() {
        return new Callback() {
            @Override
            public void onFailure(Call call, IOException e) {}

            @Override
            public void onResponse(Call call, Response response) {
                response.close();
            }
        };
    }

    /** Without OkHttp's own pool, whose idle threads of the whole JVM end after a minute. */
    private static Set<String> ours(Set<Thread> before) {
        return threads().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("evenkeel") || name.startsWith("OkHttp"))
                .filter(name -> !name.startsWith("OkHttp TaskRunner"))
                .collect(Collectors.toSet());
    }

    private static Set<Thread> threads() {
        return Set.copyOf(Thread.getAllStackTraces().keySet());
    }
}
