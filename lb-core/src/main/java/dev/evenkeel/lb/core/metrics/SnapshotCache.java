package dev.evenkeel.lb.core.metrics;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PoolSnapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The status of a pool for its gauges, taken at most ten times a second, however many gauges are read. */
final class SnapshotCache {
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LoadBalancer pool;
    private final Consumer<PoolSnapshot> renewed;
    private volatile @Nullable View view;
    /** The backends that have joined lately, of which there may be many. */
    private volatile @Nullable View joins;

    /**
     * Begins without a snapshot.
     *
     * @param renewed called with each snapshot that is taken for gauges
     */
    SnapshotCache(LoadBalancer pool, Consumer<PoolSnapshot> renewed) {
        this.pool = pool;
        this.renewed = renewed;
    }

    /** The values that gauges read, taken at one moment. */
    private record View(long takenNanos, PoolSnapshot snapshot, Map<String, BackendStatus> byId) {
        boolean isStale() {
            return System.nanoTime() - takenNanos > FRESH_NANOS;
        }
    }

    private View view() {
        View present = view;
        if (present == null || present.isStale()) {
            present = look();
            view = present;
            renewed.accept(present.snapshot());
        }
        return present;
    }

    private View look() {
        PoolSnapshot snapshot = pool.snapshot();
        Map<String, BackendStatus> byId = new HashMap<>();
        snapshot.backends().forEach(status -> byId.put(status.backend().id(), status));
        return new View(System.nanoTime(), snapshot, byId);
    }

    PoolSnapshot snapshot() {
        return view().snapshot();
    }

    /** The status of a backend; null if the pool has none with this id. */
    @Nullable
    BackendStatus of(String id) {
        return view().byId().get(id);
    }

    /** The requests of a backend before it is counted: a backend that returns keeps its counts. */
    long requestsOf(String id) {
        View joining = joins;
        if (joining == null || joining.isStale() || !joining.byId().containsKey(id)) {
            joining = look();
            joins = joining;
        }
        BackendStatus status = joining.byId().get(id);
        return status == null ? 0 : status.requests();
    }
}
