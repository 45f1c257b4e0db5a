package dev.evenkeel.lb.benchmarks.subject;

import com.linecorp.armeria.client.ClientRequestContext;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.endpoint.EndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Armeria: {@code EndpointGroup.selectNow}, which is what its client calls for each request. It returns an Endpoint and
 * counts nothing; there is no end to report. The groups are static ones, without health checks.
 */
final class ArmeriaSubjects {
    private ArmeriaSubjects() {}

    static Subject roundRobin(int n) {
        return selectNow(EndpointSelectionStrategy.roundRobin(), n);
    }

    static Subject weightedRoundRobin(int n) {
        return selectNow(EndpointSelectionStrategy.weightedRoundRobin(), n);
    }

    /** After the ramp: endpoints that are older than it have their full weight. */
    static Subject rampingUp(int n) {
        return selectNow(
                EndpointSelectionStrategy.builderForRampingUp()
                        .timestampFunction(endpoint -> 0L)
                        .build(),
                n);
    }

    /**
     * A jump hash of a 64-bit number, over the endpoints' total weight. The number is made of the string's own hash, which
     * the string remembers, by one multiplication: the cheapest that a user could write, and cheaper than real keys are.
     */
    static Subject sticky(int n) {
        ClientRequestContext context = context();
        KeyOfThread key = new KeyOfThread();
        EndpointGroup group =
                EndpointGroup.of(EndpointSelectionStrategy.sticky(ctx -> key.spread()), endpoints(n, false));
        return requests -> {
            key.value = requests.next().affinityKey();
            return Objects.requireNonNull(group.selectNow(context));
        };
    }

    private static Subject selectNow(EndpointSelectionStrategy strategy, int n) {
        ClientRequestContext context = context();
        EndpointGroup group = EndpointGroup.of(strategy, endpoints(n, true));
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                return Objects.requireNonNull(group.selectNow(context));
            }

            @Override
            public void close() {
                group.close();
            }
        };
    }

    private static List<Endpoint> endpoints(int n, boolean weighted) {
        List<Endpoint> endpoints = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            Endpoint endpoint = Endpoint.of(Backends.host(i), Backends.PORT);
            endpoints.add(weighted ? endpoint.withWeight(Backends.weight(i)) : endpoint);
        }
        return endpoints;
    }

    private static ClientRequestContext context() {
        return ClientRequestContext.of(HttpRequest.of(HttpMethod.GET, "/"));
    }

    /** The key that the hasher reads; two threads may mix up theirs, which costs what it costs them anyway. */
    private static final class KeyOfThread {
        private String value = "";

        long spread() {
            return value.hashCode() * 0x9E3779B97F4A7C15L;
        }
    }
}
