package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.util.List;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** What operators read of retries is what was sent again, and nothing else. */
class RetryFiguresTest {

    private static long retries(LoadBalancer pool, Backend backend) {
        return pool.figures().backends().get(backend.id()).retries();
    }

    private static LoadBalancer pool(Backend... backends) {
        return LoadBalancers.builder("users")
                .backends(List.of(backends))
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .build();
    }

    @Test
    void callsThatSucceedAtOnce_areNoRetries() throws IOException {
        try (TestBackend up = TestBackend.start("up", Wire.H1);
                LoadBalancer pool = pool(up.backend())) {
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(Wire.H1).build(), pool);

            for (int i = 0; i < 20; i++) {
                Calls.body(client, "http://users/x");
            }

            assertThat(retries(pool, up.backend())).isZero();
        }
    }

    @Test
    void callsThatGoElsewhere_areRetriesThere() throws IOException {
        try (RefusingPort down = RefusingPort.open("down");
                TestBackend up = TestBackend.start("up", Wire.H1);
                LoadBalancer pool = pool(down.backend(), up.backend())) {
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(Wire.H1).build(), pool);

            for (int i = 0; i < 6; i++) {
                Calls.body(client, "http://users/x");
            }

            long failed =
                    pool.snapshot().backend(down.backend().id()).outcomes().get(Outcome.NEVER_SENT);
            assertThat(failed).isPositive();
            assertThat(retries(pool, up.backend())).isEqualTo(failed);
            assertThat(retries(pool, down.backend())).isZero();
        }
    }
}
