package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import org.jspecify.annotations.Nullable;

/**
 * Counts how much of a pool is out because of circuit breakers and ejections. Counted under the writer's lock.
 *
 * <p>An unreachable backend is not counted, neither as in service nor as out, like one that the checks have found down:
 * it has no capacity to lose, and says nothing about the other backends.
 *
 * @param serving how many backends could serve
 * @param out how many of them are out, or on trial by a breaker
 * @param left how many are in use
 * @param leftShare the mean failure share of the used backends that can be reached, 0 to 1; 0 if there are none
 */
record Outages(int serving, int out, int left, double leftShare) {

    /** Counts all backends but one. */
    static Outages besides(BackendState excepted, Iterable<BackendState> all, long nowNanos) {
        return count(excepted, all, nowNanos);
    }

    /** Counts all backends. */
    static Outages of(Iterable<BackendState> all, long nowNanos) {
        return count(null, all, nowNanos);
    }

    @SuppressWarnings("ReferenceEquality") // a backend has one node
    private static Outages count(@Nullable BackendState excepted, Iterable<BackendState> all, long nowNanos) {
        int serving = 0;
        int out = 0;
        int left = 0;
        int reached = 0;
        double failures = 0;
        for (BackendState node : all) {
            if (node == excepted || !BackendCondition.isInService(node) || BackendCondition.isUnreachable(node)) {
                continue;
            }
            serving++;
            if (BackendCondition.isOut(node)) {
                out++;
            } else if (!node.cooldown().isActive()) {
                left++;
                if (!node.circuit().isRefusing()) {
                    reached++;
                    failures += node.failureRate(nowNanos);
                }
            }
        }
        return new Outages(serving, out, left, reached == 0 ? 0 : failures / reached);
    }
}
