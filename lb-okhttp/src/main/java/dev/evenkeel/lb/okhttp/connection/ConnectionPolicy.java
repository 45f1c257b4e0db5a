package dev.evenkeel.lb.okhttp.connection;

import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How connections to backends are kept: how many lanes there are, how old they get, and whether they are opened before
 * a backend takes traffic. For steered backends; where the URL is rewritten, connections are OkHttp's alone.
 *
 * <p>A lane is a set of connections of its own: over HTTP/2 one connection, over HTTP/1.1 as many as calls need at a
 * time. A call takes the lane with the fewest calls. A lane has at most 100 calls at once; with more than that in all
 * lanes, further ones are opened, up to 63. Immutable; all of it is off by default.
 *
 * @see LoadBalancingBuilder#connections
 */
public final class ConnectionPolicy {
    private static final ConnectionPolicy STANDARD = builder().build();

    private final int lanes;
    private final @Nullable Duration maxAge;
    private final double maxAgeJitterPercent;
    private final @Nullable WarmUp warmUp;
    private final TimeSource timeSource;

    /**
     * The connections to open before a backend takes traffic.
     *
     * @param connections their number
     * @param path the path of the HEAD request over each
     * @param timeout the time after which the backend takes traffic anyway
     */
    public record WarmUp(int connections, String path, Duration timeout) {}

    private ConnectionPolicy(Builder builder) {
        lanes = builder.lanes;
        maxAge = builder.maxAge;
        maxAgeJitterPercent = builder.maxAgeJitterPercent;
        warmUp = builder.warmUp;
        timeSource = builder.timeSource;
    }

    /**
     * Every default: one lane without an age limit, opened when it is needed.
     *
     * @return the policy
     */
    public static ConnectionPolicy standard() {
        return STANDARD;
    }

    /**
     * Starts with the defaults.
     *
     * @return a builder: one lane without an age limit, opened when it is needed
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The number of lanes to each backend.
     *
     * @return 1 to 64
     */
    public int lanes() {
        return lanes;
    }

    /**
     * How old a lane gets.
     *
     * @return null without a limit
     */
    public @Nullable Duration maxAge() {
        return maxAge;
    }

    /**
     * By how much less than {@link #maxAge} the age of a lane is, at most.
     *
     * @return 0 to 50
     */
    public double maxAgeJitterPercent() {
        return maxAgeJitterPercent;
    }

    /**
     * The connections to open before a backend takes traffic.
     *
     * @return null for nothing
     */
    public @Nullable WarmUp warmUp() {
        return warmUp;
    }

    /**
     * The clock by which lanes age.
     *
     * @return the clock
     */
    public TimeSource timeSource() {
        return timeSource;
    }

    @Override
    public String toString() {
        return "ConnectionPolicy[lanes=" + lanes + ", maxAge=" + maxAge + ", warmUp=" + warmUp + "]";
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder {
        private static final int MAX_LANES = 64;
        private static final int MAX_CONNECTIONS = 100;
        private static final Duration MIN_AGE = Duration.ofSeconds(1);
        private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

        private int lanes = 1;
        private @Nullable Duration maxAge;
        private double maxAgeJitterPercent = 10;
        private @Nullable WarmUp warmUp;
        private TimeSource timeSource = TimeSource.system();

        private Builder() {}

        /**
         * Sets the number of lanes to each backend: of connections, where HTTP/2 would keep to one.
         *
         * @param lanes 1 to 64; default 1
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder lanes(int lanes) {
            if (lanes < 1 || lanes > MAX_LANES) {
                throw new IllegalArgumentException("connection lanes must be 1.." + MAX_LANES + ": " + lanes);
            }
            this.lanes = lanes;
            return this;
        }

        /**
         * Sets how old a lane gets. Then new calls open new connections, and the old ones are closed when their last
         * call has ended; no call fails. Names are looked up afresh with it, and load balancers in between get to
         * choose again.
         *
         * @param age at least 1 s; default none
         * @param maxAgeJitterPercent by how much less it is, at random for each lane, 0 to 50: so that not all are renewed
         *     together
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder maxAge(Duration age, double maxAgeJitterPercent) {
            Preconditions.notNull(age, "connection maxAge");
            if (age.compareTo(MIN_AGE) < 0 || age.compareTo(Duration.ofDays(365)) > 0) {
                throw new IllegalArgumentException("connection maxAge must be 1 s to 365 days: " + age);
            }
            if (!(maxAgeJitterPercent >= 0 && maxAgeJitterPercent <= 50)) {
                throw new IllegalArgumentException(
                        "connection maxAgeJitterPercent must be 0..50: " + maxAgeJitterPercent);
            }
            this.maxAge = age;
            this.maxAgeJitterPercent = maxAgeJitterPercent;
            return this;
        }

        /**
         * Opens connections to a backend before it takes traffic: when the client is attached, when the backend joins,
         * and when it returns from down, drain or maintenance. While it is warmed up calls go to others, if there are
         * any. What cannot connect takes traffic after the timeout all the same: whether it is healthy is not asked here.
         *
         * <p>OkHttp cannot open a connection without a request, so each is opened by a {@code HEAD}, under the pool's
         * name and the scheme's default port; connections are of use to calls with that port only. Any answer will do.
         *
         * @param connections 1 to 100; over HTTP/2 one for each lane is opened at most
         * @param path of a harmless resource, with a slash at the beginning, such as {@code /}
         * @param timeout positive, at most 1 min
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder warmUp(int connections, String path, Duration timeout) {
            if (connections < 1 || connections > MAX_CONNECTIONS) {
                throw new IllegalArgumentException(
                        "warm-up connections must be 1.." + MAX_CONNECTIONS + ": " + connections);
            }
            if (!path.startsWith("/") || path.startsWith("//") || path.startsWith("/\\")) {
                throw new IllegalArgumentException(
                        "warm-up path must start with one slash, such as /: \"" + path + "\"");
            }
            if (path.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("warm-up path must have no control characters");
            }
            if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
                throw new IllegalArgumentException("warm-up timeout must be positive and at most 1 min: " + timeout);
            }
            warmUp = new WarmUp(connections, path, timeout);
            return this;
        }

        /**
         * Sets the clock by which lanes age.
         *
         * @param clock default {@link TimeSource#system()}
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder timeSource(TimeSource clock) {
            Preconditions.notNull(clock, "connection timeSource");
            timeSource = clock;
            return this;
        }

        /**
         * Makes the policy.
         *
         * @return with what was set
         */
        public ConnectionPolicy build() {
            return new ConnectionPolicy(this);
        }
    }
}
