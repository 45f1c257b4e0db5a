package dev.evenkeel.lb.okhttp.trace;

import dev.evenkeel.lb.Decision;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Asks why one call went where it went. A tag of its request, from which the decisions are read afterwards, however the
 * call ended:
 *
 * <pre>{@code
 * DecisionTrace why = new DecisionTrace();
 * Request request = new Request.Builder().url("http://users/42").tag(DecisionTrace.class, why).build();
 * }</pre>
 *
 * <p>A call that asks costs time in proportion to the number of backends, and the lock of the pool's changes; other
 * calls pay for a look at their tags. Thread-safe.
 */
public final class DecisionTrace {
    private final List<Decision> decisions = new CopyOnWriteArrayList<>();

    /** Asks. */
    public DecisionTrace() {}

    /**
     * Adds a decision. The client that makes the call does so.
     *
     * @param decision the choice of a backend
     */
    public void add(Decision decision) {
        decisions.add(decision);
    }

    /**
     * One decision an attempt, in the order in which they were made; those of both requests of a hedged call.
     *
     * @return a copy; empty if no pool has claimed the request
     */
    public List<Decision> decisions() {
        return List.copyOf(decisions);
    }

    /**
     * The decisions for people.
     *
     * @return a line each
     */
    @Override
    public String toString() {
        return String.join("\n", decisions.stream().map(Decision::toString).toList());
    }
}
