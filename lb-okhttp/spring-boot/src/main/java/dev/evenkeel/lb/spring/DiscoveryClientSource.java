package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

/**
 * Takes a pool's backends from Spring Cloud's {@link DiscoveryClient}, and asks it again at an interval. A pool of a
 * document has sources of its own, such as Eureka, Consul or Kubernetes; this one is for pools that code makes, and for
 * registries that only Spring Cloud speaks to.
 *
 * <pre>{@code
 * LoadBalancers.builder("users").discovery(new DiscoveryClientSource(client, "user-service", Duration.ofSeconds(10)))
 * }</pre>
 *
 * <p>A backend's id is the instance's id, or else {@code host:port}; its metadata is the instance's. An instance
 * that makes no backend (without a port, say) is an error event and left out, and so is one with the id of an earlier one,
 * silently.
 */
public final class DiscoveryClientSource implements BackendDiscovery {
    private final DiscoveryClient client;
    private final String service;
    private final Duration interval;

    /**
     * A source.
     *
     * @param client asked on the pool's discovery thread
     * @param service the service's id
     * @param interval the time from an answer to the next question; more than 0
     */
    public DiscoveryClientSource(DiscoveryClient client, String service, Duration interval) {
        this.client = Objects.requireNonNull(client, "client must not be null");
        this.service = Objects.requireNonNull(service, "service must not be null");
        this.interval = interval;
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("interval must be more than 0: " + interval);
        }
    }

    @Override
    public Watch start(Receiver receiver) {
        AtomicBoolean closed = new AtomicBoolean();
        receiver.executor().execute(() -> ask(receiver, closed));
        return () -> closed.set(true);
    }

    private void ask(Receiver receiver, AtomicBoolean closed) {
        if (closed.get()) {
            return;
        }
        try {
            receiver.backends(backends(client.getInstances(service), receiver));
        } catch (RuntimeException e) {
            receiver.error(e);
        }
        if (!closed.get()) {
            receiver.scheduler().schedule(() -> receiver.executor().execute(() -> ask(receiver, closed)), interval);
        }
    }

    private static List<Backend> backends(List<ServiceInstance> instances, Receiver receiver) {
        Map<String, Backend> backends = new TreeMap<>();
        for (ServiceInstance instance : instances) {
            try {
                Backend backend = backend(instance);
                backends.putIfAbsent(backend.id(), backend);
            } catch (IllegalArgumentException e) {
                receiver.error(e);
            }
        }
        return new ArrayList<>(backends.values());
    }

    private static Backend backend(ServiceInstance instance) {
        if (instance.getHost() == null || instance.getPort() < 1) {
            throw new IllegalArgumentException("instance must have a host and a port: " + instance.getInstanceId());
        }
        String scheme = instance.isSecure() ? "https" : "http";
        String host = instance.getHost().contains(":") && !instance.getHost().startsWith("[")
                ? "[" + instance.getHost() + "]"
                : instance.getHost();
        Backend.Builder backend = Backend.builder(URI.create(scheme + "://" + host + ":" + instance.getPort()));
        String id = instance.getInstanceId();
        if (id != null && !id.isBlank()) {
            backend.id(id);
        }
        Map<String, String> metadata = instance.getMetadata();
        if (metadata != null) {
            metadata.forEach(backend::metadata);
        }
        return backend.build();
    }
}
