package dev.evenkeel.lb.benchmarks.subject;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.WeightedServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.SimpleObjectProvider;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Spring Cloud LoadBalancer: {@code choose(request).block()}, which is what its blocking client does for each request. The
 * list is a constant in memory: no discovery client and no cache is asked, although a real application has both. The weighted
 * list is expanded once, as under its cache.
 */
final class SpringSubjects {
    private static final String SERVICE = "users";

    private SpringSubjects() {}

    static Subject roundRobin(int n) {
        return choose(new RoundRobinLoadBalancer(provider(new Constant(instances(n))), SERVICE));
    }

    static Subject weighted(int n) {
        WeightedServiceInstanceListSupplier weighted = new WeightedServiceInstanceListSupplier(
                new Constant(instances(n)), instance -> Backends.weight(Integer.parseInt(instance.getInstanceId())));
        List<ServiceInstance> expanded = Objects.requireNonNull(weighted.get().blockFirst());
        return choose(new RoundRobinLoadBalancer(provider(new Constant(expanded)), SERVICE));
    }

    static Subject random(int n) {
        return choose(new RandomLoadBalancer(provider(new Constant(instances(n))), SERVICE));
    }

    private static Subject choose(ReactorServiceInstanceLoadBalancer balancer) {
        DefaultRequest<String> request = new DefaultRequest<>(SERVICE);
        return requests -> Objects.requireNonNull(
                Objects.requireNonNull(Mono.from(balancer.choose(request)).block())
                        .getServer());
    }

    private static SimpleObjectProvider<ServiceInstanceListSupplier> provider(ServiceInstanceListSupplier supplier) {
        return new SimpleObjectProvider<>(supplier);
    }

    private static List<ServiceInstance> instances(int n) {
        List<ServiceInstance> instances = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            instances.add(
                    new DefaultServiceInstance(Integer.toString(i), SERVICE, Backends.host(i), Backends.PORT, false));
        }
        return instances;
    }

    private static final class Constant implements ServiceInstanceListSupplier {
        private final Flux<List<ServiceInstance>> list;

        Constant(List<ServiceInstance> instances) {
            list = Flux.just(instances);
        }

        @Override
        public String getServiceId() {
            return SERVICE;
        }

        @Override
        public Flux<List<ServiceInstance>> get() {
            return list;
        }
    }
}
