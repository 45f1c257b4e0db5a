package dev.evenkeel.lb.benchmarks.subject;

import io.smallrye.stork.api.LoadBalancer;
import io.smallrye.stork.api.ServiceInstance;
import io.smallrye.stork.impl.DefaultServiceInstance;
import io.smallrye.stork.impl.RoundRobinLoadBalancer;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeConfiguration;
import io.smallrye.stork.loadbalancer.leastresponsetime.LeastResponseTimeLoadBalancer;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesConfiguration;
import io.smallrye.stork.loadbalancer.poweroftwochoices.PowerOfTwoChoicesLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.random.RandomConfiguration;
import io.smallrye.stork.loadbalancer.random.RandomLoadBalancerProvider;
import io.smallrye.stork.loadbalancer.requests.LeastRequestsLoadBalancer;
import java.util.ArrayList;
import java.util.List;

/**
 * SmallRye Stork: {@code selectServiceInstance} of a list in memory, so no discovery is asked. Random choices are drawn
 * from its plain generator, not the secure one. A call's end is Stork's own: {@code recordStart}, {@code recordReply},
 * {@code recordEnd} of the instance.
 */
final class StorkSubjects {
    private StorkSubjects() {}

    static Subject roundRobin(int n) {
        return select(new RoundRobinLoadBalancer(), n);
    }

    static Subject random(int n) {
        return select(new RandomLoadBalancerProvider().createLoadBalancer(new RandomConfiguration(), null), n);
    }

    /** The one with the fewest requests, over all of them. */
    static Subject leastRequests(int n) {
        return counted(new LeastRequestsLoadBalancer(), n);
    }

    static Subject powerOfTwoChoices(int n) {
        return counted(
                new PowerOfTwoChoicesLoadBalancerProvider()
                        .createLoadBalancer(new PowerOfTwoChoicesConfiguration(), null),
                n);
    }

    static Subject leastResponseTime(int n) {
        return counted(new LeastResponseTimeLoadBalancer(new LeastResponseTimeConfiguration()), n);
    }

    private static Subject select(LoadBalancer balancer, int n) {
        List<ServiceInstance> instances = instances(n);
        return requests -> balancer.selectServiceInstance(instances);
    }

    private static Subject counted(LoadBalancer balancer, int n) {
        List<ServiceInstance> instances = instances(n);
        return requests -> {
            ServiceInstance instance = balancer.selectServiceInstance(instances);
            if (instance.gatherStatistics()) {
                instance.recordStart(true);
                instance.recordReply();
                instance.recordEnd(null);
            }
            return instance;
        };
    }

    private static List<ServiceInstance> instances(int n) {
        List<ServiceInstance> instances = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            instances.add(new DefaultServiceInstance(i, Backends.host(i), Backends.PORT, false));
        }
        return instances;
    }
}
