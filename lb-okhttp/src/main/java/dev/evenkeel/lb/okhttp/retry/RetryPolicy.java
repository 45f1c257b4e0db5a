package dev.evenkeel.lb.okhttp.retry;

import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Which failed requests are sent again, how often and when.
 *
 * <p>Three rules stand above everything that can be set. A request is sent to a backend that was tried in the same call
 * only if no other is eligible. One that may have been processed is sent again only if its method is idempotent, or it
 * has an {@code Idempotency-Key} header, or a {@link #builder predicate} says so; and only if its body can be written
 * again ({@link Cause#BROKEN} has an exception). A response that was returned to the caller is final. Immutable.
 */
public final class RetryPolicy {
    /** The causes of a retry. */
    public enum Cause {
        /** No request line was written: refused, unreachable, connect timeout, TLS failure. Any method, any body. */
        NEVER_SENT,
        /**
         * The backend said that it had not processed the request, and went on saying so: h2 REFUSED_STREAM, GOAWAY. Any
         * method. First the request is sent to the same backend again, up to three times, which is no retry of the
         * policy's.
         */
        REFUSED,
        /** No answer in time. */
        TIMEOUT,
        /**
         * The exchange broke before there was a response. With this cause a request that is not idempotent is sent once
         * more to the same backend, and to no other, if it met a kept HTTP/1 connection that the backend had just closed
         * ({@link Builder#resendOnLostConnection} allows more); {@code retryOnConnectionFailure(false)} or a predicate that
         * answers STOP prevents that.
         */
        BROKEN,
        /** A response with one of the {@link Builder#statuses}. */
        STATUS
    }

    private static final RetryPolicy STANDARD = new Builder().build();

    private final int maxAttempts;
    private final int freeConnectFailures;
    private final Set<Cause> causes;
    private final int[] statuses;
    /** A list, since each call looks: comparing a few is faster than hashing. */
    private final List<String> methods;

    private final @Nullable RetryPredicate predicate;
    private final Duration attemptTimeout;
    private final RetryBackoff backoff;
    private final Duration maxRetryAfter;
    private final boolean resendOnLostConnection;
    private final RetryBudget budget;

    private RetryPolicy(Builder builder) {
        maxAttempts = builder.maxAttempts;
        freeConnectFailures = builder.freeConnectFailures;
        causes = Set.copyOf(builder.causes);
        statuses = builder.statuses.clone();
        methods = List.copyOf(builder.methods);
        predicate = builder.predicate;
        attemptTimeout = builder.attemptTimeout;
        backoff = builder.backoff;
        maxRetryAfter = builder.maxRetryAfter;
        resendOnLostConnection = builder.resendOnLostConnection;
        budget = builder.budget;
    }

    /**
     * Every default: three attempts under {@link RetryBudgets#standard}.
     *
     * @return the policy
     */
    public static RetryPolicy standard() {
        return STANDARD;
    }

    /**
     * One attempt.
     *
     * @return the policy
     */
    public static RetryPolicy none() {
        return builder().maxAttempts(1).build();
    }

    /**
     * Starts a policy.
     *
     * @return a builder with every default
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a policy from this one.
     *
     * @return a builder with this policy's values
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** {@return how often a request is sent at most, the first time included: 1 to 100} */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** {@return the number of refused connections that do not count as attempts; 0 where {@link Builder#maxAttempts} was set} */
    public int freeConnectFailures() {
        return freeConnectFailures;
    }

    /**
     * Whether a cause is one for another attempt.
     *
     * @param cause why an attempt failed
     * @return whether it is
     */
    public boolean retries(Cause cause) {
        return causes.contains(cause);
    }

    /**
     * Whether a status is one that {@link Cause#STATUS} means.
     *
     * @param status of a response
     * @return whether it is
     */
    public boolean retriesStatus(int status) {
        return Arrays.binarySearch(statuses, status) >= 0;
    }

    /**
     * Whether a request may be processed twice: by its method, or as it has an {@code Idempotency-Key}.
     *
     * @param request a request
     * @return whether it may
     */
    public boolean isIdempotent(Request request) {
        return methods.contains(request.method()) || request.header("Idempotency-Key") != null;
    }

    /** {@return what decides before the causes do; null if nothing does} */
    public @Nullable RetryPredicate predicate() {
        return predicate;
    }

    /** {@return how long an attempt waits for its answer to begin; 0 without a limit} */
    public Duration attemptTimeout() {
        return attemptTimeout;
    }

    /** {@return the waits before further rounds over the backends; {@link RetryBackoff#NONE} for no further round} */
    public RetryBackoff backoff() {
        return backoff;
    }

    /** {@return how long a wait that a backend asks for may be; 0 if none is granted} */
    public Duration maxRetryAfter() {
        return maxRetryAfter;
    }

    /** {@return whether a request that is not idempotent is sent once more when a kept connection is lost} */
    public boolean resendsOnLostConnection() {
        return resendOnLostConnection;
    }

    /** {@return how many further attempts there may be: the budget, of which each pool has an account} */
    public RetryBudget budget() {
        return budget;
    }

    @Override
    public String toString() {
        return "RetryPolicy[maxAttempts=" + maxAttempts + ", causes=" + causes + ", statuses="
                + Arrays.toString(statuses) + ", budget=" + budget + "]";
    }

    /** Sets what differs from the defaults. Reusable; not thread-safe. */
    public static final class Builder {
        private int maxAttempts = 3;
        private int freeConnectFailures = 3;
        private Set<Cause> causes = EnumSet.allOf(Cause.class);
        private int[] statuses = {429, 500, 502, 503, 504};
        /** RFC 9110 section 9.2.2, and QUERY. */
        private Collection<String> methods = List.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY");

        private @Nullable RetryPredicate predicate;
        private Duration attemptTimeout = Duration.ZERO;
        private RetryBackoff backoff = RetryBackoff.NONE;
        private Duration maxRetryAfter = Duration.ZERO;
        private boolean resendOnLostConnection;
        private RetryBudget budget = RetryBudgets.standard();

        private Builder() {}

        private Builder(RetryPolicy policy) {
            maxAttempts = policy.maxAttempts;
            freeConnectFailures = policy.freeConnectFailures;
            causes = policy.causes;
            statuses = policy.statuses;
            methods = policy.methods;
            predicate = policy.predicate;
            attemptTimeout = policy.attemptTimeout;
            backoff = policy.backoff;
            maxRetryAfter = policy.maxRetryAfter;
            resendOnLostConnection = policy.resendOnLostConnection;
            budget = policy.budget;
        }

        /**
         * Sets how often a request is sent at most, refused connections included.
         *
         * @param maxAttempts 1 (no retry) to 100; default 3, and up to 3 more where connections were refused: many
         * backends can stop at once, and a refused connection costs nothing
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder maxAttempts(int maxAttempts) {
            if (maxAttempts < 1 || maxAttempts > 100) {
                throw new IllegalArgumentException("maxAttempts must be 1..100: " + maxAttempts);
            }
            this.maxAttempts = maxAttempts;
            this.freeConnectFailures = 0;
            return this;
        }

        /**
         * Sets the causes of a retry.
         *
         * @param causes default all; none for no retries but those of the predicate
         * @return this
         * @throws IllegalArgumentException if one is null
         */
        public Builder on(Cause... causes) {
            Set<Cause> set = EnumSet.noneOf(Cause.class);
            for (Cause cause : causes) {
                set.add(Preconditions.notNull(cause, "cause"));
            }
            this.causes = set;
            return this;
        }

        /**
         * Sets the statuses that are tried elsewhere. If there is no other backend, or the budget forbids it, the
         * response is returned unread. They do not affect the backend's health, which the outcome decides.
         *
         * @param statuses each 400 to 599; default 429, 500, 502, 503, 504
         * @return this
         * @throws IllegalArgumentException if one is out of range
         */
        public Builder statuses(int... statuses) {
            for (int status : statuses) {
                Preconditions.within(status, 400, 599, "statuses");
            }
            this.statuses = Arrays.stream(statuses).sorted().distinct().toArray();
            return this;
        }

        /**
         * Sets the methods that count as idempotent: only these are sent again once a backend may have processed the
         * request.
         *
         * @param methods default GET, HEAD, PUT, DELETE, OPTIONS, TRACE, QUERY
         * @return this
         * @throws IllegalArgumentException if one is null or blank, or has control characters
         */
        public Builder idempotentMethods(String... methods) {
            Set<String> set = new TreeSet<>();
            for (String method : methods) {
                Preconditions.notBlank(method, "method");
                set.add(Preconditions.noControl(method, "method").toUpperCase(Locale.ROOT));
            }
            this.methods = set;
            return this;
        }

        /**
         * Sets the application's own rule, which is asked before the other rules.
         *
         * @param predicate called on the thread of the call; must not block. What it throws ends the call
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder when(RetryPredicate predicate) {
            this.predicate = Preconditions.notNull(predicate, "predicate");
            return this;
        }

        /**
         * Sets how long one attempt may wait for its answer to begin; then the request goes elsewhere if it may, while
         * the call timeout leaves time. It bounds the time to connect, the time of the TLS handshake and the time from
         * the end of the request to the end of the response's headers, each. Reading the body is bounded by the
         * client's read timeout, as ever.
         *
         * @param attemptTimeout 1 ms to 1 hour; default none but the client's own timeouts
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder attemptTimeout(Duration attemptTimeout) {
            this.attemptTimeout = within(attemptTimeout, Duration.ofMillis(1), "attemptTimeout");
            return this;
        }

        /**
         * Lets a call that has tried every eligible backend begin another round, after a wait: a random part of
         * {@code initialInterval}, which doubles with every further round. Cancelling the call ends the wait. A backend that was
         * not tried is tried at once. There is no further round after a timeout or a status.
         *
         * <p>Without it each backend is tried once; only an h2 backend that goes on refusing the stream, or closing the
         * connection, is tried again if there is no other.
         *
         * @param initialInterval at most 1 hour, such as 25 ms; default zero, for no further round
         * @param maxInterval at least {@code initialInterval}, at most 1 hour, such as 250 ms
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder backoff(Duration initialInterval, Duration maxInterval) {
            Duration initial = within(initialInterval, Duration.ZERO, "initialInterval");
            this.backoff = new RetryBackoff(initial, within(maxInterval, initial, "maxInterval"));
            return this;
        }

        /**
         * Sets how long a call waits at most for a {@code Retry-After} when every eligible backend was tried and the
         * last said it in a response that would be tried elsewhere. A response that asks for more is returned to the
         * caller.
         *
         * @param maxRetryAfter at most 1 hour; default zero, which never waits
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder maxRetryAfter(Duration maxRetryAfter) {
            this.maxRetryAfter = within(maxRetryAfter, Duration.ZERO, "maxRetryAfter");
            return this;
        }

        /**
         * Lets a request that is not idempotent be sent once more, over a new connection to the same backend, when a kept
         * connection breaks before a response begins, as plain OkHttp does. The backend may then process it twice.
         *
         * @param resendOnLostConnection default false: only what cannot have been processed is sent again
         * @return this
         */
        public Builder resendOnLostConnection(boolean resendOnLostConnection) {
            this.resendOnLostConnection = resendOnLostConnection;
            return this;
        }

        /**
         * Sets the budget. Each pool at each client has an account of its own.
         *
         * @param budget default {@link RetryBudgets#standard}
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder budget(RetryBudget budget) {
            this.budget = Preconditions.notNull(budget, "budget");
            return this;
        }

        /**
         * Makes the policy.
         *
         * @return the policy
         */
        public RetryPolicy build() {
            return new RetryPolicy(this);
        }

        private static Duration within(@Nullable Duration value, Duration min, String what) {
            return Preconditions.within(value, min, Duration.ofHours(1), what);
        }
    }
}
