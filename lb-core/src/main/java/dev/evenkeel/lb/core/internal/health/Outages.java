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
 */
record Outages(int serving, int out, int left) {

    /** Counts all backends but one. */
    static Outages besides(BackendState excepted, Iterable<BackendState> all) {
        return count(excepted, all);
    }

    /** Counts all backends. */
    static Outages of(Iterable<BackendState> all) {
        return count(null, all);
    }

    @SuppressWarnings("ReferenceEquality") // a backend has one node
    private static Outages count(@Nullable BackendState excepted, Iterable<BackendState> all) {
        int serving = 0;
        int out = 0;
        int left = 0;
        for (BackendState node : all) {
            if (node != excepted && couldServe(node)) {
                serving++;
                out += BackendCondition.isOut(node) ? 1 : 0;
                left += isUsed(node) ? 1 : 0;
            }
        }
        return new Outages(serving, out, left);
    }

    private static boolean couldServe(BackendState node) {
        return BackendCondition.isInService(node) && !BackendCondition.isUnreachable(node);
    }

    /** Whether the backend takes calls as usual. */
    static boolean isUsed(BackendState node) {
        return couldServe(node)
                && !BackendCondition.isOut(node)
                && !node.cooldown().isActive();
    }
}
