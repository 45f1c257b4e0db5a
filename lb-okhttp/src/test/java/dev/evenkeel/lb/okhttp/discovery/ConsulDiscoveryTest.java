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
