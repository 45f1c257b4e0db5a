package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules and the dashboard of the example, against the meters of a client. */
class AlertRulesTest {
    private static final Path RULES = Path.of("../lb-examples/observability/alerts.yml");
    private static final Path DASHBOARD = Path.of("../lb-examples/observability/dashboard.json");
    private static final Pattern NAME = Pattern.compile("evenkeel_\\w+");
    private static final Pattern OUTCOMES = Pattern.compile("evenkeel_calls_[^\\[]*outcome=~?\"([^\"]+)\"");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final TestBackend one = TestBackend.start("one");
    private final TestBackend two = TestBackend.start("two");
    private final LiveConfig config = LiveConfig.start("""
            {
              "hedging": { "delay": "10s" },
              "pools": [ {
                "name": "users",
                "backends": [ "%s", "%s" ],
                "healthCheck": { "type": "tcp", "interval": "100ms", "timeout": "1s", "rise": 1, "fall": 1 }
              } ]
            }
            """.formatted(one.uri(), two.uri()));
    private final HedgingCallFactory client = config.callFactory(new OkHttpClient());

    @AfterEach
    void close() {
        client.client().dispatcher().executorService().shutdownNow();
        client.client().connectionPool().evictAll();
        config.close();
        one.close();
        two.close();
        registry.close();
    }

    private void bind() {
        new ClientMetrics(client, List.of()).bindTo(registry);
        new ConfigMetrics(config).bindTo(registry);
    }

    private void call() throws IOException {
        Call call = client.newCall(new Request.Builder().url("http://users/x").build());
        try (Response response = call.execute()) {
            assertThat(response.code()).isEqualTo(200);
        }
    }

    /** Each series with its value, as a scrape has them. */
    private Map<String, Double> scrape() {
        Map<String, Double> series = new TreeMap<>();
        registry.scrape().lines().filter(line -> line.startsWith("evenkeel_")).forEach(line -> {
            int end = line.lastIndexOf(' ');
            series.put(line.substring(0, end), Double.parseDouble(line.substring(end + 1)));
        });
        return series;
    }

    private Set<String> names() throws IOException {
        bind();
        call();
        Set<String> names = new TreeSet<>();
        scrape().keySet().forEach(series -> names.add(series.replaceFirst("\\{.*", "")));
        return names;
    }

    private static void check(List<String> expressions, Set<String> names) {
        assertThat(expressions).isNotEmpty().allSatisfy(expression -> {
            List<String> used = NAME.matcher(expression)
                    .results()
                    .map(match -> match.group())
                    .toList();
            assertThat(used).isNotEmpty();
            assertThat(names).containsAll(used);
            List<String> known =
                    Arrays.stream(CallOutcome.values()).map(CallOutcome::text).toList();
            OUTCOMES.matcher(expression)
                    .results()
                    .flatMap(match -> Arrays.stream(match.group(1).split("\\|")))
                    .forEach(outcome -> assertThat(known).contains(outcome));
        });
    }

    private static List<String> texts(JsonNode tree, String field) {
        return tree.findValues(field).stream().map(JsonNode::asText).toList();
    }

    @Test
    void rules_nameMetersThatExist() throws IOException {
        JsonNode rules = new ObjectMapper(new YAMLFactory()).readTree(Files.readString(RULES));
        assertThat(texts(rules, "alert")).doesNotHaveDuplicates().hasSameSizeAs(texts(rules, "summary"));
        check(texts(rules, "expr"), names());
    }

    @Test
    void dashboard_namesMetersThatExist_andItsPanelsDoNotOverlap() throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(Files.readString(DASHBOARD));
        Set<String> places = new TreeSet<>();
        for (JsonNode panel : dashboard.get("panels")) {
            assertThat(panel.get("targets")).as(panel.get("title").asText()).isNotEmpty();
            assertThat(places.add(panel.get("gridPos").toString())).isTrue();
        }
        check(texts(dashboard, "expr"), names());
    }

    @Test
    void rules_areValid() throws Exception {
        assertThat(Promtool.installed().run("check", "rules", RULES.toString())).startsWith("0 ");
    }

    /** Makes calls, and scrapes, as many times as samples are wanted. */
    private void sample(int samples, Map<String, List<Double>> into) throws IOException {
        for (int i = 0; i < samples; i++) {
            try {
                call();
            } catch (NoBackendAvailableException e) {
                assertThat(e.unavailable().pool()).isEqualTo("users");
            }
            scrape().forEach((series, value) -> {
                if (series.startsWith("evenkeel_calls_seconds_count")) {
                    into.computeIfAbsent(series, unknown -> new ArrayList<>()).add(value);
                }
            });
        }
    }

    @Test
    void totalOutage_isCountedAsNoBackend_andTheAlertFires(@TempDir Path directory) throws Exception {
        Promtool promtool = Promtool.installed();
        bind();
        LoadBalancer users = config.pools().get(0);
        Map<String, List<Double>> samples = new TreeMap<>();
        sample(8, samples);

        one.close();
        two.close();
        await().until(() ->
                users.snapshot().backends().stream().allMatch(backend -> backend.health() == HealthState.DOWN));
        sample(12, samples);

        List<Double> noBackend = samples.get("evenkeel_calls_seconds_count{outcome=\"no backend\",pool=\"users\"}");
        assertThat(noBackend.subList(0, 8)).containsOnly(0.0);
        assertThat(noBackend.get(19)).isEqualTo(12);
        StringBuilder test = new StringBuilder("rule_files:\n  - " + RULES.toRealPath() + "\n"
                + "evaluation_interval: 15s\ntests:\n  - interval: 15s\n    input_series:\n");
        samples.forEach((series, values) -> test.append(Promtool.series(series, values)));
        test.append("""
                    alert_rule_test:
                      - eval_time: 1m45s
                        alertname: EvenkeelNoBackend
                      - eval_time: 4m45s
                        alertname: EvenkeelNoBackend
                        exp_alerts:
                          - exp_labels: { severity: page, pool: users }
                            exp_annotations:
                              summary: 'Pool users has no backend: calls fail without an attempt.'
                              description: 'The log line "NO backend is available" of the pool says why: down, ejected, draining or none found.'
                """);
        Path file = Files.writeString(directory.resolve("outage.yml"), test);
        assertThat(promtool.run("test", "rules", file.toString()))
                .startsWith("0 ")
                .contains("SUCCESS");
    }
}
