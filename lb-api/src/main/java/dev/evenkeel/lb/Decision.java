package dev.evenkeel.lb;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Explanation of one pick: which backends the pool may choose for a request, why each of the remaining ones is
 * excluded, and what it has chosen.
 *
 * <pre>{@code
 * Decision why = users.explain(context);
 * PickResult result = users.acquire(context);
 * log.info(why.with(result).toString());
 * }</pre>
 *
 * @param pool the pool's name
 * @param strategy the strategy's name
 * @param options one for each backend, in the order of the list
 * @param bound the backend that the request's session is bound to, which takes precedence over the strategy's choice;
 *     null if there is none
 * @param chosen the chosen backend; null if none was, or not yet
 * @param refusal why nothing was chosen, as in {@link Unavailable#message}; empty if a backend was chosen, or none yet
 */
public record Decision(
        String pool,
        String strategy,
        List<Option> options,
        @Nullable String bound,
        @Nullable Backend chosen,
        String refusal) {

    /** {@link #toString} lists so many backends and counts the remaining ones. */
    private static final int LISTED = 20;

    public Decision {
        options = List.copyOf(options);
    }

    /**
     * One backend as seen by the request.
     *
     * @param backend the backend
     * @param reason why it cannot be chosen; null if it can
     * @param explanation in words: for an eligible backend the strategy's view, such as its cost and how it is
     *     calculated, or empty if the strategy has none; otherwise the reason against it
     * @param inFlight leases that have not completed
     * @param latencyNanos a running median of the time to a response; 0 without a sample
     * @param weight the weight that the strategy sees
     */
    public record Option(
            Backend backend,
            @Nullable Ineligibility reason,
            String explanation,
            int inFlight,
            double latencyNanos,
            double weight) {

        /**
         * Whether it can be chosen for this request.
         *
         * @return true if there is no reason against it
         */
        public boolean isEligible() {
            return reason == null;
        }
    }

    /**
     * This decision with its result.
     *
     * @param result the pool's result
     * @return a copy
     */
    public Decision with(PickResult result) {
        return result instanceof Unavailable unavailable
                ? new Decision(pool, strategy, options, bound, null, unavailable.message())
                : new Decision(pool, strategy, options, bound, ((Lease) result).backend(), "");
    }

    /**
     * The option of one backend.
     *
     * @param id the backend's id
     * @return empty if the pool did not have it
     */
    public Optional<Option> option(String id) {
        return options.stream()
                .filter(option -> option.backend().id().equals(id))
                .findFirst();
    }

    /**
     * The number of backends that cannot be chosen, by reason.
     *
     * @return without the eligible backends
     */
    public Map<Ineligibility, Integer> reasons() {
        Map<Ineligibility, Integer> reasons = new EnumMap<>(Ineligibility.class);
        for (Option option : options) {
            if (option.reason() != null) {
                reasons.merge(option.reason(), 1, Integer::sum);
            }
        }
        return Collections.unmodifiableMap(reasons);
    }

    /**
     * The whole decision for people: what was chosen and why, then the eligible backends that were not chosen, then the
     * excluded ones. In a large pool only the first 20 backends are listed and the remaining ones counted.
     *
     * @return in one line
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("pool \"")
                .append(pool)
                .append("\" (")
                .append(strategy)
                .append(") ");
        if (!refusal.isEmpty()) {
            text.append("chose no backend: ").append(refusal);
        } else if (chosen != null) {
            text.append("chose ").append(chosen.id());
            if (chosen.id().equals(bound)) {
                text.append(", to which the session is bound");
            }
            option(chosen.id())
                    .map(Option::explanation)
                    .filter(said -> !said.isEmpty())
                    .ifPresent(said -> text.append(": ").append(said));
        } else {
            text.append("has chosen no backend yet");
        }
        if (bound != null && (chosen == null || !chosen.id().equals(bound))) {
            text.append("; the session is bound to ").append(bound);
        }
        append(text, "; eligible too: ", true);
        append(text, "; not eligible: ", false);
        return text.toString();
    }

    private void append(StringBuilder text, String title, boolean eligible) {
        List<Option> others = new ArrayList<>();
        for (Option option : options) {
            boolean isChosen =
                    chosen != null && chosen.id().equals(option.backend().id());
            if (option.isEligible() == eligible && !isChosen) {
                others.add(option);
            }
        }
        if (others.isEmpty()) {
            return;
        }
        StringJoiner joined = new StringJoiner("; ", title, "");
        for (Option option : others.subList(0, Math.min(LISTED, others.size()))) {
            String said = option.explanation();
            joined.add(option.backend().id() + (said.isEmpty() ? "" : " (" + said + ")"));
        }
        if (others.size() > LISTED) {
            joined.add((others.size() - LISTED) + " more");
        }
        text.append(joined);
    }
}
