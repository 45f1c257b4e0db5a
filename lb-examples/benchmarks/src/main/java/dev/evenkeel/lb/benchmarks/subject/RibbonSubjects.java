package dev.evenkeel.lb.benchmarks.subject;

import com.netflix.loadbalancer.AbstractLoadBalancerRule;
import com.netflix.loadbalancer.BaseLoadBalancer;
import com.netflix.loadbalancer.BestAvailableRule;
import com.netflix.loadbalancer.LoadBalancerStats;
import com.netflix.loadbalancer.RandomRule;
import com.netflix.loadbalancer.RoundRobinRule;
import com.netflix.loadbalancer.Server;
import com.netflix.loadbalancer.ServerStats;
import com.netflix.loadbalancer.WeightedResponseTimeRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Netflix Ribbon: the rule's {@code choose} alone, without the balancer's own counter around it. The servers are marked as
 * alive and nothing pings them. A call's end is what Ribbon's clients report: the number of active requests, the requests
 * and the response time of that server.
 */
final class RibbonSubjects {
    private RibbonSubjects() {}

    static Subject roundRobin(int n) {
        return choose(new RoundRobinRule(), n);
    }

    static Subject random(int n) {
        return choose(new RandomRule(), n);
    }

    /** The one with the fewest active requests, over all of them. */
    static Subject bestAvailable(int n) {
        return choose(new BestAvailableRule(), n);
    }

    static Subject bestAvailableCounted(int n) {
        return counted(new BestAvailableRule(), n);
    }

    /** In proportion to the inverse of the mean response time. */
    static Subject weightedResponseTime(int n) {
        return choose(new WeightedResponseTimeRule(), n);
    }

    static Subject weightedResponseTimeCounted(int n) {
        return counted(new WeightedResponseTimeRule(), n);
    }

    private static Subject choose(AbstractLoadBalancerRule rule, int n) {
        BaseLoadBalancer balancer = balancer(rule, n);
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                return Objects.requireNonNull(rule.choose(null));
            }

            @Override
            public void close() {
                balancer.shutdown();
            }
        };
    }

    private static Subject counted(AbstractLoadBalancerRule rule, int n) {
        BaseLoadBalancer balancer = balancer(rule, n);
        LoadBalancerStats all = balancer.getLoadBalancerStats();
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                long startNanos = System.nanoTime();
                Server server = Objects.requireNonNull(rule.choose(null));
                ServerStats stats = all.getSingleServerStat(server);
                stats.incrementActiveRequestsCount();
                stats.incrementNumRequests();
                stats.decrementActiveRequestsCount();
                stats.noteResponseTime((System.nanoTime() - startNanos) / 1e6);
                return server;
            }

            @Override
            public void close() {
                balancer.shutdown();
            }
        };
    }

    private static BaseLoadBalancer balancer(AbstractLoadBalancerRule rule, int n) {
        BaseLoadBalancer balancer = new BaseLoadBalancer("users", rule, new LoadBalancerStats("users"));
        List<Server> servers = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            servers.add(new Server(Backends.host(i), Backends.PORT));
        }
        balancer.addServers(servers);
        for (Server server : balancer.getServerList(false)) {
            server.setAlive(true);
            server.setReadyToServe(true);
        }
        balancer.forceQuickPing();
        rule.setLoadBalancer(balancer);
        return balancer;
    }
}
