package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A pool that remembers each lease that it gave and how it was completed, the superfluous completions included. */
public final class RecordingPool implements LoadBalancer {
    private final LoadBalancer pool;
    private final List<Completion> completions = new CopyOnWriteArrayList<>();
    private final AtomicInteger acquired = new AtomicInteger();
    private final AtomicInteger responded = new AtomicInteger();

    /** One call of {@link Lease#complete}. */
    public record Completion(String backend, Outcome outcome, boolean first) {}

    public RecordingPool(LoadBalancer pool) {
        this.pool = pool;
    }

    /** A round-robin pool called users whose first call goes to the first backend. */
    public static RecordingPool of(TestBackend... backends) {
        return of(Arrays.stream(backends).map(TestBackend::backend).toList());
    }

    public static RecordingPool of(List<Backend> backends) {
        return named("users", backends);
    }

    public static RecordingPool named(String name, List<Backend> backends) {
        return new RecordingPool(LoadBalancers.builder(name)
                .backends(backends)
                .strategy(Strategies.roundRobin())
                .random(() -> 0)
                .build());
    }

    public List<Completion> completions() {
        return completions;
    }

    public List<Outcome> outcomes() {
        return completions.stream().map(Completion::outcome).toList();
    }

    public List<String> backends() {
        return completions.stream().map(Completion::backend).toList();
    }

    public int acquired() {
        return acquired.get();
    }

    public int responded() {
        return responded.get();
    }

    public int inFlight() {
        return pool.snapshot().inFlight();
    }

    @Override
    public String name() {
        return pool.name();
    }

    @Override
    public PickResult acquire(RequestContext context) {
        PickResult result = pool.acquire(context);
        if (!(result instanceof Lease lease)) {
            return result;
        }
        acquired.incrementAndGet();
        return new Lease() {
            @Override
            public Backend backend() {
                return lease.backend();
            }

            @Override
            public void responded() {
                responded.incrementAndGet();
                lease.responded();
            }

            @Override
            public void responded(Outcome outcome) {
                lease.responded(outcome);
            }

            @Override
            public boolean complete(Outcome outcome) {
                boolean first = lease.complete(outcome);
                completions.add(new Completion(lease.backend().id(), outcome, first));
                return first;
            }

            @Override
            public void onClose(Consumer<StreamClosedException> closer) {
                lease.onClose(closer);
            }
        };
    }

    @Override
    public BackendRegistry registry() {
        return pool.registry();
    }

    @Override
    public void declareSubsets(Set<String> keys) {
        pool.declareSubsets(keys);
    }

    @Override
    public PoolSnapshot snapshot() {
        return pool.snapshot();
    }

    @Override
    public PoolFigures figures() {
        return pool.figures();
    }

    @Override
    public void addListener(LoadBalancerListener listener) {
        pool.addListener(listener);
    }

    @Override
    public void removeListener(LoadBalancerListener listener) {
        pool.removeListener(listener);
    }

    @Override
    public void close() {
        pool.close();
    }
}
