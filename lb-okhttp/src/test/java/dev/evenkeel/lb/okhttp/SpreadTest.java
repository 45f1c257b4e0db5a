package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpreadTest {

    @ParameterizedTest
    @EnumSource(Wire.class)
    void calls_overThreeBackends_areSpreadEvenlyOnOneConnectionEach(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                TestBackend c = TestBackend.start("c", wire);
                LoadBalancer pool = LoadBalancers.builder("users")
                        .backend(a.backend())
                        .backend(b.backend())
                        .backend(c.backend())
                        .strategy(Strategies.roundRobin())
                        .build()) {
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);
            Request request =
                    new Request.Builder().url(wire.scheme() + "://users/x").build();

            for (int i = 0; i < 30; i++) {
                try (Response response = client.newCall(request).execute()) {
                    assertThat(response.body().string()).isEqualTo(response.header("Backend"));
                    assertThat(response.request().url()).isEqualTo(request.url());
                }
            }

            for (TestBackend backend : new TestBackend[] {a, b, c}) {
                assertThat(backend.requests()).hasSize(10);
                assertThat(backend.connections()).isEqualTo(1);
                assertThat(backend.requests().get(0).getUrl().host()).isEqualTo("users");
            }
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }
}
