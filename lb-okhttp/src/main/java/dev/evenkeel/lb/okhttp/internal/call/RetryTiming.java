package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.http.BackendFeedback;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import okhttp3.Response;

/**
 * When a tried backend may be tried again, if no untried one is left.
 *
 * @param minNanos the wait that the backend asked for; negative for never
 * @param backsOff whether a random back-off is added
 */
record RetryTiming(long minNanos, boolean backsOff) {
    private static final RetryTiming NEVER = new RetryTiming(-1, false);
    private static final RetryTiming ONCE_MORE = new RetryTiming(0, false);
    private static final RetryTiming ANOTHER_ROUND = new RetryTiming(0, true);
    private static final long SHORTLY_NANOS = 10_000_000;

    static RetryTiming after(AttemptFailure rule, IOException e) {
        return switch (rule) {
            // The backend is alive; only its connection was shut down, or has too many streams.
            case SHUT_DOWN, REFUSED -> ONCE_MORE;
            // A second wait would take as long again.
            case TIMED_OUT, GIVEN_UP, INTERRUPTED, OWN_FAULT -> NEVER;
            case NEVER_SENT, BROKEN -> e instanceof InterruptedIOException ? NEVER : ANOTHER_ROUND;
        };
    }

    /** After a response: never, unless {@code Retry-After} says when. */
    static RetryTiming after(Response response, RetryPolicy policy) {
        if (policy.maxRetryAfter().isZero()) {
            return NEVER;
        }
        Duration wanted = BackendFeedback.retryAfter(response.headers());
        return wanted == null || wanted.compareTo(policy.maxRetryAfter()) > 0
                ? NEVER
                : new RetryTiming(wanted.toNanos(), true);
    }

    /** Whether the backend named the wait. */
    boolean isAsked() {
        return minNanos > 0;
    }

    boolean isNever() {
        return minNanos < 0;
    }

    private static long maxPauseNanos(RetryPolicy policy, int round) {
        return Math.min(
                policy.backoff().maxInterval().toNanos(),
                policy.backoff().initialInterval().toNanos() << Math.min(20, round));
    }

    /** The wait; negative if there is no further round. */
    long nanos(RetryPolicy policy, int round) {
        if (!backsOff) {
            return minNanos;
        }
        long maxNanos = maxPauseNanos(policy, round);
        if (isAsked()) {
            // Not earlier: until then the pool does not pick the backend.
            return minNanos
                    + Math.max(SHORTLY_NANOS, ThreadLocalRandom.current().nextLong(maxNanos + 1));
        }
        return maxNanos == 0 ? -1 : ThreadLocalRandom.current().nextLong(maxNanos + 1);
    }
}
