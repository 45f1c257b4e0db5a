package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Consul is asked, and what its answer means. */
@Timeout(60)
class ConsulDiscoveryTest {
    private static final String ANSWER = """
            [
              { "Node": { "Node": "n1", "Address": "10.0.0.9", "Meta": { "rack": "r1" } },
                "Service": { "ID": "users-1", "Address": "10.0.0.1", "Port": 80, "Tags": [ "v2", "blue" ],
                  "Meta": { "rack": "r2", "version": "2" }, "Weights": { "Passing": 7, "Warning": 1 } },
                "Checks": [ { "Status": "passing" } ] },
              { "Node": { "Node": "n2", "Address": "10.0.0.2", "Meta": { "rack": "r1" } },
                "Service": { "ID": "users-2", "Address": "", "Port": 80, "Weights": { "Passing": 7, "Warning": 3 } },
                "Checks": [ { "Status": "warning" } ] }
            ]
            """;

    private final List<LoopbackServer.Request> requests = new CopyOnWriteArrayList<>();

    /** The first list of a source. */
    private List<Backend> list(UnaryOperator<ConsulDiscovery.Builder> settings) throws Exception {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> {
                    requests.add(request);
                    answer.whole(200, ANSWER, "X-Consul-Index: 7");
                });
                Recorder recorder =
                        Recorder.of(settings.apply(ConsulDiscovery.builder(new OkHttpClient(), "users x", server.url()))
                                .build())) {
            return recorder.list();
        }
    }

    @Test
    void healthyInstances_areAskedFor_withoutAnIndexAtFirst() throws Exception {
        list(builder -> builder);

        LoopbackServer.Request first = requests.get(0);
        assertThat(first.path()).isEqualTo("/v1/health/service/users x");
        assertThat(first.query()).containsOnly(Map.entry("passing", "true"));
        assertThat(first.headers()).doesNotContainKey("x-consul-token");
    }

    @Test
    void settings_becomeParametersOfTheQuery() throws Exception {
        list(builder -> builder.includeWarning()
                .tag("v2")
                .filter("Service.Meta.version == \"2\"")
                .datacenter("dc2")
                .namespace("team")
                .stale()
                .token(() -> "geheim"));

        LoopbackServer.Request first = requests.get(0);
        assertThat(first.query())
                .containsEntry("tag", "v2")
                .containsEntry("filter", "Service.Meta.version == \"2\"")
                .containsEntry("dc", "dc2")
                .containsEntry("ns", "team")
                .containsEntry("stale", "")
                .doesNotContainKey("passing");
        assertThat(first.headers()).containsEntry("x-consul-token", "geheim");
    }

    @Test
    void instance_hasTheServicesAddressOrTheNodes_andTheWeightOfItsState() throws Exception {
        List<Backend> backends = list(builder -> builder.includeWarning().zoneKey("rack"));

        assertThat(backends).extracting(Backend::id).containsExactly("10.0.0.1:80", "10.0.0.2:80");
        assertThat(backends).extracting(Backend::weight).containsExactly(7, 3);
        assertThat(backends).extracting(Backend::zone).containsExactly("r2", "r1");
        assertThat(backends.get(0).metadata())
                .containsEntry("version", "2")
                .containsEntry("consul.tags", "v2,blue")
                .containsEntry("consul.service.id", "users-1")
                .containsEntry("consul.node", "n1");
    }

    private static String registration(String id, String status, String more) {
        return "{'Node': {'Node': 'n1', 'Address': '10.0.0.9'}, 'Service': {'ID': '" + id
                + "', 'Address': '10.0.0.1', 'Port': 80, 'Weights': {'Passing': 7, 'Warning': 3}" + more
                + "}, 'Checks': [{'Status': '" + status + "'}]}";
    }

    private static List<Backend> list(UnaryOperator<ConsulDiscovery.Builder> settings, String... registrations)
            throws Exception {
        String body = ("[" + String.join(",", registrations) + "]").replace('\'', '"');
        try (LoopbackServer server =
                        new LoopbackServer((request, answer) -> answer.whole(200, body, "X-Consul-Index: 7"));
                Recorder recorder =
                        Recorder.of(settings.apply(ConsulDiscovery.builder(new OkHttpClient(), "users", server.url()))
                                .build())) {
            return recorder.list();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                                                    | http",
                "'Meta': {'scheme': 'https'}                             | https",
                "'Meta': {'secure': 'true'}                              | https",
                "'Meta': {'secure': 'false'}                             | http",
                "'Tags': ['v2', 'secure=true']                           | https",
                "'Meta': {'scheme': 'http'}, 'Tags': ['secure=true']     | http",
                "'Tags': ['scheme=https']                                | https",
                "'Tags': ['Scheme=HTTP', 'secure=true']                  | http",
                "'Meta': {'scheme': 'http'}, 'Tags': ['scheme=https']    | http",
                "'Tags': ['scheme=ftp']                                  | http",
                "'Meta': {'scheme': 'grpc', 'secure': 'true'}            | https",
                "'Meta': {'scheme': 'HTTPS'}                             | https",
            })
    void scheme_isWhatTheInstanceSays_unlessItIsSet(String more, String scheme) throws Exception {
        String registration = registration("users-1", "passing", more.isEmpty() ? "" : ", " + more);

        assertThat(list(builder -> builder, registration))
                .extracting(backend -> backend.uri().toString())
                .containsExactly(scheme + "://10.0.0.1:80");
        assertThat(list(builder -> builder.scheme("tcp"), registration))
                .extracting(backend -> backend.uri().toString())
                .containsExactly("tcp://10.0.0.1:80");
    }

    @Test
    void registrationsWithOneAddress_areOneBackend_byTheBetterHealth() throws Exception {
        List<String> inBothOrders = List.of(registration("ill", "warning", ""), registration("well", "passing", ""));
        for (List<String> order : List.of(inBothOrders, List.of(inBothOrders.get(1), inBothOrders.get(0)))) {
            List<Backend> backends = list(ConsulDiscovery.Builder::includeWarning, order.toArray(String[]::new));

            assertThat(backends).extracting(Backend::weight).containsExactly(7);
            assertThat(backends.get(0).metadata()).containsEntry("consul.service.id", "well");
        }
    }

    @Test
    void agentThatIsSilent_isLeftWithinTheRequestTimeout_howeverLongAQueryMayWait() throws Exception {
        OkHttpClient impatient =
                new OkHttpClient.Builder().readTimeout(Duration.ofMillis(200)).build();
        try (LoopbackServer silent = new LoopbackServer((request, answer) -> new CountDownLatch(1).await());
                LoopbackServer agent =
                        new LoopbackServer((request, answer) -> answer.whole(200, ANSWER, "X-Consul-Index: 7"));
                Recorder recorder = Recorder.of(ConsulDiscovery.builder(impatient, "users", silent.url(), agent.url())
                        .watchTimeout(Duration.ofMinutes(10))
                        .build())) {
            recorder.awaitIds("10.0.0.1:80", "10.0.0.2:80");
        }
    }
}
