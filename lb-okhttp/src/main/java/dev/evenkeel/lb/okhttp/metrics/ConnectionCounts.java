package dev.evenkeel.lb.okhttp.metrics;

import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The connections of a client, counted at most ten times a second: a scrape reads two gauges for each backend. */
final class ConnectionCounts {
    private static final long MAX_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final OkHttpClient client;
    private final LongSupplier clock;

    private volatile @Nullable Counted latest;

    private record Key(String pool, String backend) {}

    private record Counted(long nanos, Map<Key, BackendConnections> counts) {}

    ConnectionCounts(OkHttpClient client, LongSupplier clock) {
        this.client = client;
        this.clock = clock;
    }

    /** The connections to a backend; null if the pool does not have it. */
    @Nullable
    BackendConnections of(String pool, String backend) {
        Counted counted = latest;
        long nowNanos = clock.getAsLong();
        if (counted == null || nowNanos - counted.nanos() > MAX_AGE_NANOS) {
            Map<Key, BackendConnections> counts = new HashMap<>();
            for (BackendConnections now : LoadBalancing.connections(client)) {
                counts.put(new Key(now.pool(), now.backend()), now);
            }
            counted = new Counted(nowNanos, counts);
            latest = counted;
        }
        return counted.counts().get(new Key(pool, backend));
    }
}
