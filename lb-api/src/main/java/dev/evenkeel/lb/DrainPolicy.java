package dev.evenkeel.lb;

import java.time.Duration;

/**
 * How a drain, or a removal, ends: how long it waits for calls in flight and sessions, and what becomes of the calls
 * that are left.
 *
 * <p>With {@code closeAtDeadline} they are closed at the deadline: a WebSocket with the close code 1001, a stream of
 * HTTP/2 with {@code RST_STREAM} and {@code CANCEL}, every other call with its connection. Readers get a {@link
 * StreamClosedException}. Without it, which is the default, they go on until they end by themselves.
 *
 * <p>With {@code untilDeadline} the drain does not end before its deadline, however idle the backend is, and requests
 * whose session is {@linkplain RequestContext#boundBackend bound} to the backend reach it until then. So sessions stay that
 * this process has not seen yet, as after its restart or behind another balancer. Without it, which is the default, the
 * drain ends when no session is expected back, and a pool that has seen no session does not wait for one.
 *
 * @param deadline when the drain completes even if calls or sessions are left; positive, at most 36,500 days
 * @param closeAtDeadline whether what is left at the deadline is closed
 * @param untilDeadline whether the drain lasts until the deadline even if nothing is left
 */
public record DrainPolicy(Duration deadline, boolean closeAtDeadline, boolean untilDeadline) {
    private static final Duration MAX_DEADLINE = Duration.ofDays(36_500);
    private static final DrainPolicy DEFAULTS = of(BackendRegistry.DEFAULT_DRAIN_DEADLINE);

    public DrainPolicy {
        if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(MAX_DEADLINE) > 0) {
            throw new IllegalArgumentException("drain deadline must be positive (at most 36500 days): " + deadline);
        }
    }

    /**
     * The defaults.
     *
     * @return {@link BackendRegistry#DEFAULT_DRAIN_DEADLINE}, and nothing is closed
     */
    public static DrainPolicy defaults() {
        return DEFAULTS;
    }

    /**
     * A deadline at which nothing is closed.
     *
     * @param deadline when the drain completes even if calls or sessions are left; positive
     * @return the policy
     * @throws IllegalArgumentException if the deadline is not positive
     */
    public static DrainPolicy of(Duration deadline) {
        return new DrainPolicy(deadline, false, false);
    }

    /**
     * This policy with another deadline.
     *
     * @param newDeadline positive
     * @return a copy
     * @throws IllegalArgumentException if the deadline is not positive
     */
    public DrainPolicy withDeadline(Duration newDeadline) {
        return new DrainPolicy(newDeadline, closeAtDeadline, untilDeadline);
    }

    /**
     * This policy with another rule for what is left at the deadline.
     *
     * @param close whether it is closed
     * @return a copy
     */
    public DrainPolicy withCloseAtDeadline(boolean close) {
        return new DrainPolicy(deadline, close, untilDeadline);
    }

    /**
     * This policy with another rule for a backend that is idle before the deadline.
     *
     * @param wait whether the drain lasts until the deadline
     * @return a copy
     */
    public DrainPolicy withUntilDeadline(boolean wait) {
        return new DrainPolicy(deadline, closeAtDeadline, wait);
    }
}
