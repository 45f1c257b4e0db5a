package dev.evenkeel.lb.examples.registries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.okhttp.discovery.EurekaDiscovery;
import java.time.Duration;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls over pools that follow a real Eureka server, whose instances come, go and expire, and which is restarted. */
@Tag("long")
@Timeout(240)
class EurekaTest {

    private static EurekaDiscovery.Builder source(EurekaServer eureka) {
        return EurekaDiscovery.builder(new OkHttpClient(), "users", eureka.url())
                .interval(Duration.ofMillis(200))
                .backoff(Duration.ofMillis(50), Duration.ofMillis(500));
    }

    @Test
    void instances_areFollowed_andAServerThatStopsCostsNoCall() throws Exception {
        try (Replicas replicas = new Replicas(4);
                EurekaServer eureka = new EurekaServer()) {
            eureka.register("a", replicas.port(0), 1);
            eureka.register("b", replicas.port(1), 1);
            try (Traffic traffic = new Traffic(source(eureka).build());
                    Traffic byWholes = new Traffic(source(eureka).delta(false).build())) {
                awaitReplicas(traffic, byWholes, replicas, 0, 1);

                eureka.register("c", replicas.port(2), 3);
                awaitReplicas(traffic, byWholes, replicas, 0, 1, 2);
                assertThat(traffic.weight(replicas.address(2))).isEqualTo(3);

                eureka.register("c", replicas.port(2), 5);
                await().atMost(Duration.ofSeconds(60)).until(() -> traffic.weight(replicas.address(2)) == 5);

                eureka.status("a", "OUT_OF_SERVICE");
                awaitReplicas(traffic, byWholes, replicas, 1, 2);
                eureka.status("a", "UP");
                awaitReplicas(traffic, byWholes, replicas, 0, 1, 2);

                eureka.cancel("b");
                awaitReplicas(traffic, byWholes, replicas, 0, 2);

                // Whoever does not renew its lease leaves.
                eureka.register("d", replicas.port(3), 1, 2);
                await().atMost(Duration.ofSeconds(60)).until(() -> replicas.requests(3) > 0);
                awaitReplicas(traffic, byWholes, replicas, 0, 2);
                assertThat(traffic.errors() + byWholes.errors()).isZero();

                eureka.stop();
                traffic.awaitError("Eureka application users");
                traffic.stays(replicas, 500, 0, 2);

                // It has forgotten everything, and nobody has registered yet.
                eureka.start();
                traffic.awaitError("no backends");
                traffic.stays(replicas, 500, 0, 2);
                eureka.register("b", replicas.port(1), 1);
                awaitReplicas(traffic, byWholes, replicas, 1);
            }
        }
    }

    private static void awaitReplicas(Traffic traffic, Traffic other, Replicas replicas, int... numbers) {
        traffic.awaitReplicas(replicas, numbers);
        other.awaitReplicas(replicas, numbers);
    }
}
