package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

@Timeout(60)
class DiscoveryClientSourceTest {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private volatile List<ServiceInstance> instances = List.of();

    /** Spring Cloud's interface, with a list that the test sets; null for a registry that fails. */
    private final DiscoveryClient client = new DiscoveryClient() {
        @Override
        public String description() {
            return "test";
        }

        @Override
        public List<ServiceInstance> getInstances(String service) {
            if (instances == null) {
                throw new IllegalStateException("registry is away");
            }
            return service.equals("user-service") ? instances : List.of();
        }

        @Override
        public List<String> getServices() {
            return List.of("user-service");
        }
    };

    private static ServiceInstance instance(String id, String host, int port, boolean isSecure) {
        return new DefaultServiceInstance(id, "user-service", host, port, isSecure, Map.of("zone", "a"));
    }

    private LoadBalancer pool() {
        return LoadBalancers.builder("users")
                .discovery(new DiscoveryClientSource(client, "user-service", INTERVAL))
                .build();
    }

    private static List<URI> uris(LoadBalancer pool) {
        return pool.snapshot().backends().stream()
                .map(status -> status.backend().uri())
                .toList();
    }

    @Test
    void instances_becomeBackends_andAreFollowed() {
        instances = List.of(
                instance("1", "10.0.0.1", 80, false),
                instance("2", "fd00::2", 443, true),
                instance("bad", "10.0.0.5", 0, false));
        try (LoadBalancer pool = pool()) {
            await().untilAsserted(() -> assertThat(pool.snapshot().backends())
                    .extracting(status -> status.backend().id())
                    .containsExactlyInAnyOrder("1", "2"));
            assertThat(uris(pool))
                    .containsExactlyInAnyOrder(URI.create("http://10.0.0.1:80"), URI.create("https://[fd00::2]:443"));
            BackendStatus first = pool.snapshot().backend("1");
            assertThat(first.backend().metadata()).containsEntry("zone", "a");

            instances = List.of(instance("3", "10.0.0.3", 80, false), instance("3", "10.0.0.4", 80, false));
            await().untilAsserted(() -> assertThat(uris(pool)).containsExactly(URI.create("http://10.0.0.3:80")));
        }
    }

    @Test
    void registryThatFails_leavesTheList() {
        instances = List.of(instance("1", "10.0.0.1", 80, false));
        AtomicInteger errors = new AtomicInteger();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(receiver -> new DiscoveryClientSource(client, "user-service", INTERVAL).start(receiver))
                .listener(event -> {
                    if (event.toString().contains("registry is away")) {
                        errors.incrementAndGet();
                    }
                })
                .build()) {
            await().until(() -> uris(pool).size() == 1);
            instances = null;
            await().until(() -> errors.get() > 0);

            assertThat(uris(pool)).containsExactly(URI.create("http://10.0.0.1:80"));
        }
    }

    @Test
    void intervalOfZero_isRefused() {
        assertThatThrownBy(() -> new DiscoveryClientSource(client, "users", Duration.ZERO))
                .hasMessage("interval must be more than 0: PT0S");
    }
}
