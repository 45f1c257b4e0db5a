package dev.evenkeel.lb.okhttp.affinity;

import dev.evenkeel.lb.core.session.SessionTable;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How sessions are bound to backends: by a table with a key, a cookie that servers set, or both; then the cookie goes
 * first, and the table remembers where it led. Works under every strategy, and lets a session reach its backend while
 * that drains. For affinity without memory see {@link LoadBalancingBuilder#affinityKey}.
 *
 * <pre>{@code
 * SessionPolicy.byTable(AffinityKey.header("X-User")).withIdleTimeout(Duration.ofMinutes(30))
 * SessionPolicy.byCookie(SessionCookie.of("SRV").byMetadata("cookie"))
 * }</pre>
 *
 * @param key the key of a request's session; null if there is no table
 * @param maxSessions how many a table keeps, 1 to 100,000,000
 * @param idleTimeout how long a table remembers a session after its last request, 1 s to 7 d
 * @param table a table of the application's own, for one pool; null if each pool at each client gets one
 * @param cookie the cookie that servers set; null if there is none
 */
public record SessionPolicy(
        @Nullable AffinityKey key,
        int maxSessions,
        Duration idleTimeout,
        @Nullable SessionTable table,
        @Nullable SessionCookie cookie) {

    private static final int DEFAULT_MAX_SESSIONS = 100_000;
    private static final Duration DEFAULT_IDLE = Duration.ofDays(1);

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range, or there is neither table nor cookie
     */
    public SessionPolicy {
        SessionTable.builder().maxSessions(maxSessions).idleTimeout(idleTimeout);
        if (key == null && cookie == null) {
            throw new IllegalArgumentException("session policy must have a key or a cookie");
        }
        if (table != null && key == null) {
            throw new IllegalArgumentException("session table must have a key: name what is looked up in it");
        }
    }

    /**
     * A table of at most 100,000 sessions, each remembered for a day after its last request.
     *
     * @param key the key of a request's session; requests without one are bound to nothing
     * @return the policy
     */
    public static SessionPolicy byTable(AffinityKey key) {
        return new SessionPolicy(key, DEFAULT_MAX_SESSIONS, DEFAULT_IDLE, null, null);
    }

    /**
     * A cookie that servers set.
     *
     * @param cookie how it names backends
     * @return the policy
     */
    public static SessionPolicy byCookie(SessionCookie cookie) {
        return new SessionPolicy(null, DEFAULT_MAX_SESSIONS, DEFAULT_IDLE, null, cookie);
    }

    /**
     * The same with a table for requests that the cookie does not bind.
     *
     * @param key the key of a request's session
     * @return a copy
     */
    public SessionPolicy withTable(AffinityKey key) {
        return new SessionPolicy(key, maxSessions, idleTimeout, table, cookie);
    }

    /**
     * The same with a cookie that goes before the table.
     *
     * @param cookie how it names backends
     * @return a copy
     */
    public SessionPolicy withCookie(SessionCookie cookie) {
        return new SessionPolicy(key, maxSessions, idleTimeout, table, cookie);
    }

    /**
     * The same with another maximum of sessions.
     *
     * @param newMaxSessions 1 to 100,000,000; default 100,000
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SessionPolicy withMaxSessions(int newMaxSessions) {
        return new SessionPolicy(key, newMaxSessions, idleTimeout, table, cookie);
    }

    /**
     * The same with another idle time.
     *
     * @param newIdleTimeout 1 s to 7 d; default 1 d
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public SessionPolicy withIdleTimeout(Duration newIdleTimeout) {
        return new SessionPolicy(key, maxSessions, newIdleTimeout, table, cookie);
    }

    /**
     * The same with a table that the application keeps: for two clients of one pool, say, or to forget a session at its
     * log-out. Size and idle time are the table's.
     *
     * @param shared for one pool
     * @return a copy
     * @throws IllegalArgumentException if there is no key
     */
    public SessionPolicy withSharedTable(SessionTable shared) {
        return new SessionPolicy(key, maxSessions, idleTimeout, shared, cookie);
    }
}
