package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Counts of outcomes as operators read them: responses by class, and errors by kind. */
final class OutcomeTexts {
    private OutcomeTexts() {}

    static long failures(Map<Outcome, Long> outcomes) {
        long failures = 0;
        for (Map.Entry<Outcome, Long> ended : outcomes.entrySet()) {
            if (ended.getKey().isFailure()) {
                failures += ended.getValue();
            }
        }
        return failures;
    }

    /** Every outcome by its name, in the order of the outcomes. */
    static Map<String, Long> counts(Map<Outcome, Long> outcomes) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            counts.put(outcome.name(), outcomes.getOrDefault(outcome, 0L));
        }
        return counts;
    }

    /** Such as {@code 120 ok, 3 server error}. */
    static String responses(Map<Outcome, Long> outcomes) {
        StringJoiner text = new StringJoiner(", ").setEmptyValue("\u2013");
        add(text, outcomes, Outcome.SUCCESS, "ok");
        add(text, outcomes, Outcome.SERVER_ERROR, "server error");
        add(text, outcomes, Outcome.GATEWAY_ERROR, "502\u2013504");
        add(text, outcomes, Outcome.THROTTLED, "refused");
        return text.toString();
    }

    /** Calls without a response, such as {@code 2 not sent, 1 timed out}. */
    static String errors(Map<Outcome, Long> outcomes) {
        StringJoiner text = new StringJoiner(", ").setEmptyValue("\u2013");
        add(text, outcomes, Outcome.NEVER_SENT, "not sent");
        add(text, outcomes, Outcome.TIMED_OUT, "timed out");
        add(text, outcomes, Outcome.FAILED, "aborted");
        add(text, outcomes, Outcome.CANCELLED, "cancelled");
        add(text, outcomes, Outcome.DISCARDED, "discarded");
        return text.toString();
    }

    private static void add(StringJoiner text, Map<Outcome, Long> outcomes, Outcome outcome, String name) {
        long count = outcomes.getOrDefault(outcome, 0L);
        if (count > 0) {
            text.add(count + " " + name);
        }
    }
}
