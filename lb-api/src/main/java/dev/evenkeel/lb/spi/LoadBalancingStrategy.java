package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * A load-balancing algorithm. It has no state of its own: state is in the {@link Picker} (for one set of candidates) or
 * at the {@link Candidate} (for one backend), so one strategy object can serve many pools.
 *
 * <p>The registry has applied admin state, health and weights before a strategy sees the candidates.
 *
 * <pre>{@code
 * LoadBalancingStrategy fewestCalls = context -> request -> {
 *     Candidate best = null;
 *     for (Candidate candidate : context.candidates()) {
 *         if (request.accepts(candidate) && (best == null || candidate.inFlight() < best.inFlight())) {
 *             best = candidate;
 *         }
 *     }
 *     return best;
 * };
 * }</pre>
 */
@FunctionalInterface
public interface LoadBalancingStrategy {

    /**
     * Creates a picker. Called by the registry when the candidates or a weight have changed, never on the call path.
     *
     * @param context the candidates and what else a picker may need
     * @return a picker for these candidates
     */
    Picker newPicker(PickerContext context);

    /**
     * Whether this strategy itself sends less to a backend that fails. Pools eject outliers by default only under
     * strategies that do not.
     *
     * @return false by default
     */
    default boolean avoidsFailures() {
        return false;
    }

    /**
     * Whether picks follow {@link Candidate#weight}, or at least its ratio to the configured one, which is below 1
     * while a backend ramps up: {@link Candidate#isInSlowStart}. Under a strategy that ignores weights, a pool does not change the weight; only the
     * ramped share of the requests may choose the backend. A rotation then gives it that part of its share, a strategy
     * that prefers idle backends perhaps more.
     *
     * @return false by default
     */
    default boolean usesWeights() {
        return false;
    }

    /**
     * The property that assigns a request to one backend under this strategy, such as its key. Among tiers and zones
     * that share the load, a pool then chooses by its hash code and not at random, so that the request's backend stays
     * the same.
     *
     * @param request the request
     * @return null, the default, if there is none
     */
    default @Nullable Object affinity(RequestContext request) {
        return null;
    }

    /**
     * The name in snapshots and error messages.
     *
     * @return not blank; by default the name of the class
     */
    default String name() {
        String simpleName = getClass().getSimpleName();
        int lambda = simpleName.indexOf("$$Lambda");
        if (lambda >= 0) {
            simpleName = simpleName.substring(0, lambda);
        }
        return simpleName.isEmpty() ? getClass().getName() : simpleName;
    }
}
