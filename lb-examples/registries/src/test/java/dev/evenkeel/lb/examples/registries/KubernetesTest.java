package dev.evenkeel.lb.examples.registries;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.discovery.KubernetesDiscovery;
import java.time.Duration;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls over a pool that follows slices as fabric8's client writes them and its mock of the API keeps them. */
@Timeout(240)
class KubernetesTest {

    @Test
    void slices_areFollowed_andAnApiServerThatIsAwayCostsNoCall() throws Exception {
        try (Replicas replicas = new Replicas(3);
                MockKubernetes kubernetes = new MockKubernetes()) {
            kubernetes.put("users-0", replicas.port(0), true);
            kubernetes.put("users-1", replicas.port(1), true);
            KubernetesDiscovery source = KubernetesDiscovery.builder(
                            new OkHttpClient(), kubernetes.url(), "default", "users")
                    .watchTimeout(Duration.ofSeconds(5))
                    .backoff(Duration.ofMillis(50), Duration.ofMillis(500))
                    .build();
            try (Traffic traffic = new Traffic(source)) {
                traffic.awaitReplicas(replicas, 0, 1);
                kubernetes.put("users-2", replicas.port(2), true);
                traffic.awaitReplicas(replicas, 0, 1, 2);
                kubernetes.put("users-0", replicas.port(0), false);
                traffic.awaitReplicas(replicas, 1, 2);
                kubernetes.put("users-0", replicas.port(0), true);
                traffic.awaitReplicas(replicas, 0, 1, 2);
                kubernetes.delete("users-1");
                traffic.awaitReplicas(replicas, 0, 2);
                assertThat(traffic.errors()).isZero();

                kubernetes.shut();
                traffic.awaitError("Kubernetes service default/users");
                traffic.stays(replicas, 500, 0, 2);
                kubernetes.put("users-1", replicas.port(1), true);
                kubernetes.reopen();
                traffic.awaitReplicas(replicas, 0, 1, 2);
            }
        }
    }
}
