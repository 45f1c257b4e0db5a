package dev.evenkeel.lb.benchmarks.subject;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.internal.stats.CallsInFlight;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Our strategies, always at the candidates of a real pool with every default. */
public final class EvenkeelSubjects {
    private EvenkeelSubjects() {}

    /** {@link Picker#pick} alone: no clock, no counting, no lease. It looks whether the backend has room. */
    static Subject pick(LoadBalancingStrategy strategy, int n, boolean weighted) {
        return pick(strategy, n, weighted, (picker, requests) -> picker.pick(requests.next()));
    }

    /** The same without that look. */
    static Subject pickUnseen(LoadBalancingStrategy strategy, int n, boolean weighted) {
        return pick(strategy, n, weighted, (picker, requests) -> picker.pick(requests.nextBlind()));
    }

    /** Not a function of the JDK's, whose result would be cast, which is a look at it. */
    @FunctionalInterface
    private interface Choice {
        @Nullable
        Candidate of(Picker picker, Requests requests);
    }

    private static Subject pick(LoadBalancingStrategy strategy, int n, boolean weighted, Choice choice) {
        Captured captured = new Captured(strategy);
        LoadBalancer pool = pool(captured, n, weighted);
        Picker picker = Objects.requireNonNull(captured.picker, "the pool made no picker");
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                Candidate candidate = choice.of(picker, requests);
                if (candidate == null) {
                    throw new IllegalStateException("nothing picked");
                }
                return candidate;
            }

            @Override
            public void close() {
                pool.close();
            }
        };
    }

    /** The pick and the count of the call in and out, which is what the floor of the same name does. */
    static Subject counted(LoadBalancingStrategy strategy, int n) {
        Captured captured = new Captured(strategy);
        LoadBalancer pool = pool(captured, n, false);
        Picker picker = Objects.requireNonNull(captured.picker, "the pool made no picker");
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                Requests.Request request = requests.next();
                CallsInFlight calls = (CallsInFlight) Objects.requireNonNull(picker.pick(request));
                calls.started(request.nowNanos());
                calls.ended(request.nowNanos(), false);
                return calls;
            }

            @Override
            public void close() {
                pool.close();
            }
        };
    }

    /**
     * {@link LoadBalancer#acquire} and {@link Lease#complete}: two readings of the clock, the pick, the counts in and out,
     * breaker, outlier detection, latency and failure figures, and the lease itself.
     */
    static Subject call(LoadBalancingStrategy strategy, int n, boolean weighted) {
        LoadBalancer pool = pool(strategy, n, weighted);
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                Lease lease = (Lease) pool.acquire(requests.next());
                lease.complete(Outcome.SUCCESS);
                return lease;
            }

            @Override
            public void close() {
                pool.close();
            }
        };
    }

    /** The same, but what is completed is the oldest of the calls in flight. */
    static Subject busy(LoadBalancingStrategy strategy, int n, boolean weighted) {
        LoadBalancer pool = pool(strategy, n, weighted);
        return new Subject() {
            @Override
            public Object choose(Requests requests) {
                Lease lease = (Lease) pool.acquire(requests.next());
                Lease oldest = requests.hold(lease);
                if (oldest != null) {
                    oldest.complete(Outcome.SUCCESS);
                }
                return lease;
            }

            @Override
            public void close() {
                pool.close();
            }
        };
    }

    public static LoadBalancer pool(LoadBalancingStrategy strategy, int n, boolean weighted) {
        List<Backend> backends = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            backends.add(Backend.builder("http://" + Backends.host(i) + ":" + Backends.PORT)
                    .weight(weighted ? Backends.weight(i) : 1)
                    .build());
        }
        LoadBalancer pool = LoadBalancers.builder("users")
                .backends(backends)
                .strategy(strategy)
                .build();
        warm(pool, n);
        return pool;
    }

    /** A pool that has never been used answers from its special cases: give each backend some history. */
    private static void warm(LoadBalancer pool, int n) {
        Requests requests = new Requests();
        for (int i = 0; i < 8 * n; i++) {
            ((Lease) pool.acquire(requests.next())).complete(Outcome.SUCCESS);
        }
    }

    /** Lets the pool make its picker as ever and remembers it. */
    private static final class Captured implements LoadBalancingStrategy {
        private final LoadBalancingStrategy strategy;
        private @Nullable Picker picker;

        Captured(LoadBalancingStrategy strategy) {
            this.strategy = strategy;
        }

        @Override
        public Picker newPicker(dev.evenkeel.lb.spi.PickerContext context) {
            Picker made = strategy.newPicker(context);
            picker = made;
            return made;
        }

        @Override
        public boolean avoidsFailures() {
            return strategy.avoidsFailures();
        }

        @Override
        public String name() {
            return strategy.name();
        }
    }
}
