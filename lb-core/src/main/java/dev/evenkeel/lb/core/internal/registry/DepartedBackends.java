package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendSummary;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.TimeSource;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What backends that have left get back if they return within ten minutes: their summary, or their whole state while
 * calls of theirs go on. Guarded by the writer's lock, except for {@link #isDue}.
 */
final class DepartedBackends {
    private static final Duration REMEMBERED = Duration.ofMinutes(10);
    private static final int MAX_REMEMBERED = 10_000;
    /** Backends that leave one after the other are forgotten together. */
    private static final Duration MIN_INTERVAL = Duration.ofMillis(100);

    private final PoolStats poolStats;
    private final TimeSource timeSource;
    private final Consumer<Duration> timer;

    /** By id, in the order in which they left. */
    private Map<String, byte[]> summaries = new LinkedHashMap<>();
    /** The states of backends that left at their deadline. The leases of their calls keep them. */
    private final Map<String, WeakReference<BackendState>> busy = new HashMap<>();

    private volatile boolean remembersAny;
    private volatile long dueNanos;
    private boolean timerSet;

    /**
     * Begins without backends.
     *
     * @param timer calls {@link #forgetExpired} after the given time
     */
    DepartedBackends(PoolStats poolStats, TimeSource timeSource, Consumer<Duration> timer) {
        this.poolStats = poolStats;
        this.timeSource = timeSource;
        this.timer = timer;
    }

    void remember(BackendState node) {
        String id = node.backend().id();
        forget(id);
        if (summaries.size() >= MAX_REMEMBERED) {
            forget(summaries.keySet().iterator().next());
        }
        summaries.put(id, summary(node, timeSource.nanoTime()).pack());
        if (node.inFlight() > 0) {
            busy.put(id, new WeakReference<>(node));
        }
        expectNext();
    }

    private static BackendSummary summary(BackendState node, long nowNanos) {
        GradientLimit limit = node.adaptiveLimit();
        return new BackendSummary(
                nowNanos,
                node.failureRate(nowNanos),
                Arrays.stream(Outcome.values()).mapToLong(node::counted).toArray(),
                new BackendSummary.Incidents(
                        node.retries(), node.ejection().total(), node.circuit().totalOpenings()),
                node.latencySamples(),
                node.latencyNanos(),
                node.latencyP99Nanos(),
                node.latencyGapNanos(),
                node.latencySampleNanos(),
                limit == null ? 0 : limit.current());
    }

    /** The state for a backend that joins: one that goes on where it left, or a new one. */
    BackendState stateOf(Backend backend) {
        forgetExpired();
        WeakReference<BackendState> whole = busy.get(backend.id());
        byte[] summary = forget(backend.id());
        expectNext();
        BackendState same = whole == null ? null : whole.get();
        if (same != null) {
            return same;
        }
        return summary == null
                ? new BackendState(backend, poolStats)
                : new BackendState(backend, poolStats, BackendSummary.unpack(summary));
    }

    /** Whether a backend's time has passed. Cheap, for any thread. */
    boolean isDue(long nowNanos) {
        return remembersAny && nowNanos - dueNanos >= 0;
    }

    /** Forgets backends that left ten minutes ago or earlier. */
    void forgetExpired() {
        long nowNanos = timeSource.nanoTime();
        for (Iterator<Map.Entry<String, byte[]>> eldest = summaries.entrySet().iterator(); eldest.hasNext(); ) {
            Map.Entry<String, byte[]> next = eldest.next();
            if (nowNanos - expiryNanos(next.getValue()) < 0) {
                break;
            }
            eldest.remove();
            busy.remove(next.getKey());
        }
        expectNext();
    }

    /** As {@link #forgetExpired}, when the timer has expired. */
    void timerExpired() {
        timerSet = false;
        forgetExpired();
    }

    private byte @Nullable [] forget(String id) {
        busy.remove(id);
        return summaries.remove(id);
    }

    private static long expiryNanos(byte[] summary) {
        return BackendSummary.leftNanos(summary) + REMEMBERED.toNanos();
    }

    /** Sets when the next backend is to be forgotten. */
    private void expectNext() {
        if (summaries.isEmpty()) {
            if (remembersAny) {
                remembersAny = false;
                summaries = new LinkedHashMap<>(); // The table of the former one has grown.
            }
            return;
        }
        long nowNanos = timeSource.nanoTime();
        long nextNanos = expiryNanos(summaries.values().iterator().next()) - nowNanos;
        Duration wait = Duration.ofNanos(Math.max(nextNanos, MIN_INTERVAL.toNanos()));
        dueNanos = nowNanos + wait.toNanos();
        remembersAny = true;
        if (!timerSet) {
            timerSet = true;
            timer.accept(wait);
        }
    }
}
