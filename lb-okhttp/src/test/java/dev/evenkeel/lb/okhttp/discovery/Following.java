package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A pool that follows a source, with calls all the time: none of them may fail because of discovery. */
final class Following implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(60);

    final LoadBalancer pool;
    final AtomicLong calls = new AtomicLong();
    private final Queue<LoadBalancerEvent> events = new ConcurrentLinkedQueue<>();
    private final Set<String> failures = ConcurrentHashMap.newKeySet();
    private final Thread traffic;
    private volatile boolean closed;

    Following(BackendDiscovery source) {
        this(source, null);
    }

    /** @param time drives the pool; null if its clock does */
    Following(BackendDiscovery source, @Nullable VirtualTime time) {
        LoadBalancerBuilder builder = LoadBalancers.builder("users")
                .strategy(Strategies.roundRobin())
                .discovery(source)
                .listener(events::add);
        if (time != null) {
            builder.timeSource(time).scheduler(time);
        }
        pool = builder.build();
        traffic = new Thread(this::call, "traffic");
        traffic.start();
    }

    private void call() {
        boolean begun = false;
        while (!closed) {
            PickResult result = pool.acquire(RequestContext.NONE);
            if (result instanceof Lease lease) {
                begun = true;
                lease.complete(Outcome.SUCCESS);
                calls.incrementAndGet();
            } else if (begun && !closed) {
                failures.add(result.toString());
            }
            Thread.onSpinWait();
            if (calls.get() % 64 == 0) {
                Thread.yield();
            }
        }
    }

    List<String> list() {
        return pool.snapshot().backends().stream()
                .map(BackendStatus::backend)
                .map(Entry::brief)
                .sorted()
                .toList();
    }

    void awaitList(Collection<Entry> entries) {
        List<String> expected = entries.stream().map(Entry::brief).sorted().toList();
        await().atMost(LONG).untilAsserted(() -> assertThat(list()).isEqualTo(expected));
    }

    void awaitErrors(int count) {
        await().atMost(LONG).untilAsserted(() -> assertThat(errors()).hasSize(count));
    }

    void awaitCalls(int more) {
        long until = calls.get() + more;
        await().atMost(LONG).until(() -> calls.get() >= until);
    }

    List<String> errors() {
        return events.stream()
                .filter(DiscoveryFailed.class::isInstance)
                .map(event -> String.valueOf(((DiscoveryFailed) event).cause().getMessage()))
                .toList();
    }

    <T extends LoadBalancerEvent> List<T> events(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).collect(Collectors.toList());
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        traffic.join();
        pool.close();
        assertThat(failures).as("calls that failed").isEmpty();
    }
}
