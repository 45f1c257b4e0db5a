package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Outcome;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sums over all backends of a pool: the last row of its table. */
record PoolTotals(
        int backends,
        int inFlight,
        long requests,
        long retries,
        Map<Outcome, Long> outcomes,
        int ejections,
        int openings) {
    static PoolTotals of(List<BackendRow> rows) {
        int inFlight = 0;
        long requests = 0;
        long retries = 0;
        int ejections = 0;
        int openings = 0;
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        for (BackendRow row : rows) {
            BackendStatus status = row.status();
            inFlight += status.inFlight();
            requests += status.requests();
            retries += row.figures().retries();
            ejections += row.figures().ejections().total();
            openings += row.figures().breakerOpenings().total();
            status.outcomes().forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
        }
        return new PoolTotals(rows.size(), inFlight, requests, retries, outcomes, ejections, openings);
    }

    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("backends", backends);
        values.put("inFlight", inFlight);
        values.put("requests", requests);
        values.put("retries", retries);
        values.put("failures", OutcomeTexts.failures(outcomes));
        values.put("outcomes", OutcomeTexts.counts(outcomes));
        values.put("ejectionsTotal", ejections);
        values.put("breakerOpeningsTotal", openings);
        values.put("texts", texts());
        return values;
    }

    /** By the name of the cell. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("inFlight", Integer.toString(inFlight));
        texts.put("requests", Long.toString(requests));
        texts.put("retries", Long.toString(retries));
        texts.put("responses", OutcomeTexts.responses(outcomes));
        texts.put("faults", OutcomeTexts.errors(outcomes));
        texts.put("outs", ejections + " / " + openings);
        return texts;
    }
}
