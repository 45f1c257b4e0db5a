package dev.evenkeel.lb.testkit;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What else goes on in the pool. */
public enum Feature {
    /** Nothing. */
    NONE("none"),

    /** A backend joins and ramps up. */
    SLOW_START("slow start") {
        @Override
        void configure(LoadBalancerBuilder builder, TestPool pool) {
            builder.slowStart(SlowStart.of(pool.rampWindow()));
        }
    },

    /** Calls go to a part of the backends, by metadata. */
    SUBSET("subset") {
        @Override
        void configure(LoadBalancerBuilder builder, TestPool pool) {
            builder.subsets(SubsetPolicy.noFallback().withSelector("color"));
        }

        @Override
        Backend.Builder describe(Backend.Builder backend, int index, Combination of) {
            return backend.metadata("color", serves(index, of) ? "blue" : "green");
        }

        @Override
        boolean serves(int index, Combination of) {
            int length = of.weights().length();
            return of.size() < 2 * length || index / length % 2 == 0;
        }

        @Override
        RequestContext request(RequestContext context, TestPool pool) {
            return context.withSubset(Subset.of("color", "blue"));
        }
    },

    /** The backends are in two zones, of which one is the client's. */
    ZONES("zones") {
        @Override
        void configure(LoadBalancerBuilder builder, TestPool pool) {
            builder.zones(ZonePolicy.preferLocal("z0"));
        }

        @Override
        Backend.Builder describe(Backend.Builder backend, int index, Combination of) {
            return backend.zone("z" + group(index, of));
        }

        @Override
        int group(int index, Combination of) {
            return of.size() < 2 * of.weights().length()
                    ? 0
                    : index / of.weights().length() % 2;
        }
    },

    /** A third of the backends is a lower tier. */
    TIERS("tiers") {
        @Override
        Backend.Builder describe(Backend.Builder backend, int index, Combination of) {
            return backend.priority(serves(index, of) ? 0 : 1);
        }

        @Override
        boolean serves(int index, Combination of) {
            return index < of.size() - of.size() / 3;
        }
    },

    /** The same list in another order. */
    REFRESH("refresh every second") {
        @Override
        void tick(TestPool pool) {
            List<Backend> list = new ArrayList<>(pool.backends());
            Collections.shuffle(list, pool.random());
            pool.balancer().registry().replaceAll(list);
        }
    },

    /** The same configuration again. */
    RELOAD("reload every second") {
        @Override
        void tick(TestPool pool) {
            pool.reload();
        }
    },

    /** The last backend goes into maintenance, and comes back. */
    FLAPPING("one flapping every 2 s") {
        @Override
        Duration tickInterval() {
            return Duration.ofSeconds(2);
        }

        @Override
        void tick(TestPool pool) {
            pool.flap();
        }

        @Override
        int group(int index, Combination of) {
            return index == of.size() - 1 ? 1 : 0;
        }
    },

    /** Each call has failed at the first backend. */
    TRIED("one tried") {
        @Override
        boolean serves(int index, Combination of) {
            return index > 0;
        }

        @Override
        RequestContext request(RequestContext context, TestPool pool) {
            return context.withTried(List.of(pool.backends().get(0)));
        }
    },

    /** One call of fifty fails, and is made again at another backend. */
    RETRIES("retries"),

    /** The latencies of all backends vary as those of a busy machine do: log-normal, with a sigma of 0.4. */
    NOISE("noisy latencies") {
        @Override
        double latencyFactor(Random random) {
            return Math.exp(SIGMA * random.nextGaussian());
        }
    },

    /** The client itself stands still for ten times a latency, as in a garbage collection; in a busy pool only. */
    PAUSES("client pauses");

    private static final double SIGMA = 0.4;
    private static final double JITTER = 0.05;

    private final String text;

    Feature(String text) {
        this.text = text;
    }

    void configure(LoadBalancerBuilder builder, TestPool pool) {}

    Backend.Builder describe(Backend.Builder backend, int index, Combination of) {
        return backend;
    }

    /** Whether a backend gets calls at all. */
    boolean serves(int index, Combination of) {
        return true;
    }

    /** Backends share calls by weight with those of the same group. */
    int group(int index, Combination of) {
        return 0;
    }

    RequestContext request(RequestContext context, TestPool pool) {
        return context;
    }

    /** By what the latency of a call differs from the usual one. */
    double latencyFactor(Random random) {
        return 1 + JITTER * (2 * random.nextDouble() - 1);
    }

    Duration tickInterval() {
        return Duration.ofSeconds(1);
    }

    void tick(TestPool pool) {}

    @Override
    public String toString() {
        return text;
    }
}
