package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks.PoolLimits;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Adapts the two limits of a client that would throttle a pool, because they count its backends as one host. */
public final class ClientLimits {
    /** OkHttp's defaults. */
    private static final int DEFAULT_MAX_REQUESTS = 64;

    private static final int DEFAULT_MAX_REQUESTS_PER_HOST = 5;

    /** Room for pools that discovery fills later: OkHttp's pool cannot grow, and unused room costs nothing. */
    private static final int MIN_IDLE_CONNECTIONS = 256;

    private static final int IDLE_CONNECTIONS_PER_BACKEND = 8;

    private ClientLimits() {}

    /**
     * Returns a dispatcher on the same executor without a limit per host; the client's own if that limit is not the
     * default, as the user set it then. The limit over all hosts stays if the user set it; the default grows with the
     * backends, to what OkHttp would allow if each were a host of its own.
     */
    public static Dispatcher dispatcher(OkHttpClient client, int backends) {
        Dispatcher users = client.dispatcher();
        if (users.getMaxRequestsPerHost() != DEFAULT_MAX_REQUESTS_PER_HOST) {
            return users;
        }
        Dispatcher lifted = new Dispatcher(users.executorService());
        int maxRequests = users.getMaxRequests();
        if (maxRequests == DEFAULT_MAX_REQUESTS) {
            maxRequests = Math.max(maxRequests, DEFAULT_MAX_REQUESTS_PER_HOST * backends);
        }
        lifted.setMaxRequests(maxRequests);
        lifted.setMaxRequestsPerHost(Integer.MAX_VALUE);
        lifted.setIdleCallback(users.getIdleCallback());
        return lifted;
    }

    /** The number of idle connections to make room for. */
    public static int idleConnections(int backends) {
        return Math.max(MIN_IDLE_CONNECTIONS, IDLE_CONNECTIONS_PER_BACKEND * backends);
    }

    /**
     * Returns the client's own pool if the application has given it limits, so that its metrics read the pool in use; else
     * a pool with room for so many idle connections, which keeps them as long as the client's.
     *
     * @param maxIdleConnections negative for what the backends want
     * @param keepAlive null for that of the client's pool
     */
    public static ConnectionPool connectionPool(
            OkHttpClient client, int backends, int maxIdleConnections, @Nullable Duration keepAlive) {
        PoolLimits present = OkHttpQuirks.limits(client.connectionPool()).orElse(PoolLimits.DEFAULT);
        boolean isAskedFor = maxIdleConnections >= 0 || keepAlive != null;
        if (!isAskedFor && !present.isDefault()) {
            return client.connectionPool();
        }
        int room = maxIdleConnections >= 0
                ? maxIdleConnections
                : Math.max(present.maxIdleConnections(), idleConnections(backends));
        Duration kept = keepAlive == null ? present.keepAlive() : keepAlive;
        return new ConnectionPool(room, kept.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Why a client's ConnectionPool makes calls connect anew; null if it has room for each backend. */
    public static @Nullable String shortage(ConnectionPool pool, int backends) {
        int room = OkHttpQuirks.limits(pool).map(PoolLimits::maxIdleConnections).orElse(Integer.MAX_VALUE);
        return room >= backends
                ? null
                : room + " idle connections are too few for " + backends + " backends, and calls connect anew; "
                        + idleConnections(backends)
                        + " would do: give the client a larger ConnectionPool, or let attach"
                        + " make one with maxIdleConnections(" + idleConnections(backends) + ")";
    }
}
