package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import okhttp3.Credentials;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Eureka is asked, and what its answer means. */
@Timeout(60)
class EurekaDiscoveryTest {
    private static final String APPLICATION = """
            { "name": "USERS", "instance": [
              { "instanceId": "i1", "hostName": "a.internal", "ipAddr": "10.0.0.1", "status": "UP",
                "port": { "$": 8080, "@enabled": "true" }, "securePort": { "$": 8443, "@enabled": "true" },
                "metadata": { "share": "3" } },
              { "instanceId": "i2", "hostName": "b.internal", "ipAddr": "10.0.0.2", "status": "DOWN",
                "port": { "$": 8080, "@enabled": "true" } }
            ] }
            """;

    private final List<LoopbackServer.Request> requests = new CopyOnWriteArrayList<>();

    /** The first list of a source. */
    private List<Backend> list(UnaryOperator<EurekaDiscovery.Builder> settings) throws Exception {
        try (LoopbackServer server = new LoopbackServer((request, answer) -> {
                    requests.add(request);
                    answer.whole(
                            200,
                            request.path().endsWith("/apps/")
                                    ? "{\"applications\": {\"application\": [" + APPLICATION + "]}}"
                                    : "{\"application\": " + APPLICATION + "}");
                });
                Recorder recorder = Recorder.of(settings.apply(EurekaDiscovery.builder(
                                new OkHttpClient(), "users", server.url().replace("://", "://me:geheim@") + "/eureka/"))
                        .build())) {
            return recorder.list();
        }
    }

    @Test
    void allApplications_areAskedForAtFirst_andOnesOwnIsListed() throws Exception {
        List<Backend> backends = list(builder -> builder);

        assertThat(requests.get(0).path()).isEqualTo("/eureka/apps/");
        assertThat(requests.get(0).headers()).containsEntry("authorization", Credentials.basic("me", "geheim"));
        assertThat(backends).extracting(backend -> backend.uri().toString()).containsExactly("http://10.0.0.1:8080");
        assertThat(backends.get(0).weight()).isEqualTo(1);
    }

    @Test
    void withoutDeltas_theApplicationAlone_isAskedFor() throws Exception {
        List<Backend> backends = list(builder -> builder.delta(false));

        assertThat(requests.get(0).path()).isEqualTo("/eureka/apps/users");
        assertThat(backends).hasSize(1);
    }

    @Test
    void portHostAndWeight_areTheChosen() throws Exception {
        List<Backend> backends =
                list(builder -> builder.preferSecurePort().byHostName().weightKey("share"));

        assertThat(backends).extracting(backend -> backend.uri().toString()).containsExactly("https://a.internal:8443");
        assertThat(backends.get(0).weight()).isEqualTo(3);
    }
}
