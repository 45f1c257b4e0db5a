package dev.evenkeel.lb.core.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.evenkeel.lb.spi.TimeSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Table of the backends that sessions are bound to: bounded in size, and an idle session is forgotten. A session whose
 * backend cannot take it moves to another backend and stays there.
 *
 * <pre>{@code
 * String bound = sessions.backendOf(user);
 * if (pool.acquire(RequestContext.NONE.withBoundBackend(bound)) instanceof Lease lease) {
 *     if (!lease.backend().id().equals(bound)) {
 *         sessions.bind(user, bound, lease.backend().id());
 *         lease.bind();
 *     }
 *     …
 * }
 * }</pre>
 *
 * <p>For one pool only, since it stores ids of backends. Thread-safe. A look-up takes no lock and allocates nothing.
 */
public final class SessionTable {
    /** Longer keys are kept as a digest, so that a client's long cookies cannot fill the memory. */
    private static final int MAX_KEY = 128;

    private final Cache<String, String> backends;

    private SessionTable(Builder settings) {
        this.backends = Caffeine.newBuilder()
                .maximumSize(settings.maxSessions)
                .expireAfterAccess(settings.idleTimeout)
                .ticker(settings.timeSource::nanoTime)
                .executor(Runnable::run)
                .build();
    }

    /**
     * A table with default settings.
     *
     * @return an empty table
     */
    public static SessionTable create() {
        return builder().build();
    }

    /**
     * Creates a builder of a table.
     *
     * @return a builder with default settings
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The backend that a session is bound to. Counts as use of the session.
     *
     * @param key the session's key
     * @return the backend's id; null if it is not bound, or was idle for too long
     */
    public @Nullable String backendOf(String key) {
        return backends.getIfPresent(kept(key));
    }

    /**
     * Binds a session to a backend, unless another request of it has bound it elsewhere meanwhile: of two first
     * requests that race, one decides for both.
     *
     * @param key the session's key
     * @param before the result of {@link #backendOf} before the backend was chosen
     * @param backendId the backend's id
     * @return the backend that the session is bound to now
     */
    public String bind(String key, @Nullable String before, String backendId) {
        return backends.asMap()
                .compute(kept(key), (k, present) -> present == null || present.equals(before) ? backendId : present);
    }

    /**
     * Forgets a session, as at a log-out.
     *
     * @param key the session's key
     */
    public void forget(String key) {
        backends.invalidate(kept(key));
    }

    /**
     * The number of bound sessions.
     *
     * @return an approximate number
     */
    public long size() {
        backends.cleanUp();
        return backends.estimatedSize();
    }

    private static String kept(String key) {
        if (key.length() <= MAX_KEY) {
            return key;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "SessionTable[about " + backends.estimatedSize() + " sessions]";
    }

    /** Builds a table. Reusable; not thread-safe. */
    public static final class Builder {
        private static final Duration MIN_IDLE = Duration.ofSeconds(1);
        private static final Duration MAX_IDLE = Duration.ofDays(7);

        private int maxSessions = 100_000;
        private Duration idleTimeout = Duration.ofDays(1);
        private TimeSource timeSource = TimeSource.system();

        private Builder() {}

        /**
         * Sets the maximum number of sessions. Beyond it, the least used ones are forgotten first.
         *
         * @param maxSessions 1 to 100,000,000; default 100,000
         * @return this
         */
        public Builder maxSessions(int maxSessions) {
            if (maxSessions < 1 || maxSessions > 100_000_000) {
                throw new IllegalArgumentException("maxSessions must be 1..100000000: " + maxSessions);
            }
            this.maxSessions = maxSessions;
            return this;
        }

        /**
         * Sets how long a session is remembered after its last request; the range and default of AWS.
         *
         * @param idleTimeout 1 s to 7 d; default 1 d
         * @return this
         */
        public Builder idleTimeout(Duration idleTimeout) {
            if (idleTimeout.compareTo(MIN_IDLE) < 0 || idleTimeout.compareTo(MAX_IDLE) > 0) {
                throw new IllegalArgumentException("idleTimeout must be PT1S to PT168H: " + idleTimeout);
            }
            this.idleTimeout = idleTimeout;
            return this;
        }

        /**
         * Sets the clock: the pool's, if it has one of its own.
         *
         * @param clock default {@link TimeSource#system()}
         * @return this
         */
        public Builder timeSource(TimeSource clock) {
            timeSource = clock;
            return this;
        }

        /**
         * Builds the table.
         *
         * @return an empty table
         */
        public SessionTable build() {
            return new SessionTable(this);
        }
    }
}
