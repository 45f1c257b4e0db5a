package dev.evenkeel.lb.benchmarks.subject;

import com.twitter.finagle.Address;
import com.twitter.finagle.Address$;
import com.twitter.finagle.NoBrokersAvailableException;
import com.twitter.finagle.Service;
import com.twitter.finagle.Service$;
import com.twitter.finagle.ServiceFactory;
import com.twitter.finagle.ServiceFactory$;
import com.twitter.finagle.Stack;
import com.twitter.finagle.loadbalancer.Balancers;
import com.twitter.finagle.loadbalancer.EndpointFactory;
import com.twitter.finagle.loadbalancer.LazyEndpointFactory;
import com.twitter.finagle.loadbalancer.LoadBalancerFactory;
import com.twitter.finagle.util.Rng;
import com.twitter.finagle.util.Rng$;
import com.twitter.util.Activity;
import com.twitter.util.Await;
import com.twitter.util.Duration;
import com.twitter.util.ExceptionalFunction;
import com.twitter.util.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Vector;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Finagle: a service from the balancer, which is there at once, and its close; with that a call is counted out and, by peak
 * EWMA, its latency in. There is nothing beneath: one service for all endpoints, which does nothing.
 */
final class FinagleSubjects {
    private static final Rng RANDOM = Rng$.MODULE$.threadLocal();
    /** Finagle's own default. */
    private static final Duration DECAY = Duration.fromSeconds(10);

    private FinagleSubjects() {}

    /** Fewest calls in flight of two. */
    static Subject leastLoadedOfTwo(int n) {
        return counted(Balancers.p2c(RANDOM), n);
    }

    static Subject peakEwmaOfTwo(int n) {
        return counted(Balancers.p2cPeakEwma(DECAY, RANDOM), n);
    }

    private static Subject counted(LoadBalancerFactory factory, int n) {
        ServiceFactory<String, String> balancer = factory.newBalancer(
                Activity.value(endpoints(n)), new NoBrokersAvailableException("users"), Stack.Params$.MODULE$.empty());
        return requests -> {
            try {
                Service<String, String> service = Await.result(balancer.apply());
                service.close();
                return service;
            } catch (Exception e) {
                throw new IllegalStateException("a service that is there at once is not", e);
            }
        };
    }

    private static IndexedSeq<EndpointFactory<String, String>> endpoints(int n) {
        Service<String, String> service = Service$.MODULE$.mk(new ExceptionalFunction<String, Future<String>>() {
            @Override
            public Future<String> applyE(String request) {
                return Future.value(request);
            }
        });
        List<EndpointFactory<String, String>> endpoints = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Address address =
                    Address$.MODULE$.apply(InetSocketAddress.createUnresolved(Backends.host(i), Backends.PORT));
            endpoints.add(new LazyEndpointFactory<>(() -> ServiceFactory$.MODULE$.constant(service), address));
        }
        return Vector.from(CollectionConverters.asScala(endpoints));
    }
}
