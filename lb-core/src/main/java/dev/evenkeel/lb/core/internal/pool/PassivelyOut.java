package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The backends that one call may use although passive health keeps them out, since it has no eligible one left.
 *
 * <p>{@code PriorityDecision} decides the same for the whole pool: it ignores passive health when no backend is good. Here
 * the pool still has a good backend, but this call has tried it, or may not be sent to it.
 */
final class PassivelyOut {
    /** The best first: the first tier, then a backend that answers but rests, then the fewest calls in flight. */
    private static final Comparator<BackendState> BEST_FIRST = Comparator.<BackendState>comparingInt(
                    node -> node.backend().priority())
            .thenComparing(node -> node.condition() != BackendCondition.RESTING)
            .thenComparingInt(BackendState::inFlight);

    private PassivelyOut() {}

    /** Whether a request without an eligible backend may use one that passive health keeps out. */
    static boolean mayBeUsed(RequestContext context) {
        return context.tried().isEmpty() ? context.permitted() != null : context.ignoresPassiveHealth();
    }

    /**
     * Finds the backends for a request.
     *
     * @param first where the search starts, so that calls do not all prefer the same one of equal backends
     * @return the best first; empty if an eligible backend has not been tried, which then is full
     */
    static List<BackendState> of(Snapshot snapshot, @Nullable Subset subset, RequestContext request, int first) {
        List<BackendState> found = new ArrayList<>();
        if (snapshot.closed()) {
            return found;
        }
        List<Backend> tried = request.tried();
        Predicate<Backend> permitted = request.permitted();
        for (BackendState node : snapshot.all()) {
            if (!snapshot.subsets().isCandidate(subset, node.backend())
                    || Snapshot.ofRequest(node, tried, permitted) != null) {
                continue;
            }
            if (node.isPassivelyOut()) {
                found.add(node);
            } else if (node.closedBecause() == null) {
                return List.of();
            }
        }
        if (found.size() > 1) {
            Collections.rotate(found, first);
            found.sort(BEST_FIRST);
        }
        return found;
    }
}
