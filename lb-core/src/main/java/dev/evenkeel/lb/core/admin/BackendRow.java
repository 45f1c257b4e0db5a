package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.PoolFigures.BackendFigures;
import dev.evenkeel.lb.PoolFigures.CheckFigures;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One backend as the page shows it.
 *
 * @param key id of the row in the page
 * @param status the backend's status
 * @param state a word or two
 * @param kind the class of the state: used, warned, out or idle
 * @param figures what the pool knows of it beyond its status
 */
record BackendRow(String key, BackendStatus status, String state, String kind, BackendFigures figures) {

    static BackendRow of(String poolKey, int index, BackendStatus status) {
        return of(poolKey, index, status, BackendFigures.NONE);
    }

    static BackendRow of(String poolKey, int index, BackendStatus status, BackendFigures figures) {
        String key = poolKey + "-" + index;
        if (!status.isEligible()) {
            Ineligibility why = status.ineligibilities().iterator().next();
            return new BackendRow(key, status, why.text(), kind(why), figures);
        }
        // An explanation that is longer than "used" says what is unusual about its use.
        boolean unusual = !status.explanation().equals("used");
        return new BackendRow(key, status, "in use", unusual ? "warned" : "used", figures);
    }

    private static String kind(Ineligibility why) {
        return switch (why) {
            case DRAINING, MAINTENANCE, STANDBY, DEGRADED, REMOTE_ZONE, TRIED, NOT_PERMITTED -> "idle";
            case FULL, RESTING -> "warned";
            default -> "out";
        };
    }

    long failures() {
        return OutcomeTexts.failures(status.outcomes());
    }

    /** Every value of the row, for JSON and CSV; texts for people are in {@link BackendTexts}. */
    Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("key", key);
        values.put("id", status.backend().id());
        values.put("uri", status.backend().uri().toString());
        values.put("priority", status.backend().priority());
        values.put("zone", status.backend().zone());
        values.put("state", state);
        values.put("kind", kind);
        values.put("stateForMillis", millis(figures.stateFor()));
        values.put("explanation", status.explanation());
        values.put("adminState", status.adminState().name());
        values.put("health", status.health().name());
        values.put("healthCause", status.healthCause());
        values.put("breaker", status.breaker().name());
        values.put("ejectedForMillis", millis(status.ejectedFor()));
        CheckFigures check = figures.lastCheck();
        values.put("checkState", check == null ? null : check.state().name());
        values.put("checkCause", check == null ? null : check.cause());
        values.put(
                "checkDurationMillis", check == null ? null : check.duration().toNanos() / 1e6);
        values.put("checkAgeMillis", check == null ? null : check.age().toMillis());
        values.put("weight", status.backend().weight());
        values.put("weightSetBy", figures.weight().setBy().name());
        values.put("weightChangedBy", WeightTexts.names(figures.weight().changedBy()));
        values.put("effectiveWeight", status.effectiveWeight());
        values.put("inFlight", status.inFlight());
        values.put("limit", figures.limit() == 0 ? null : figures.limit());
        values.put("requests", status.requests());
        values.put("retries", figures.retries());
        values.put("failures", failures());
        values.put("outcomes", OutcomeTexts.counts(status.outcomes()));
        values.put("ejections", figures.ejections().recent());
        values.put("ejectionsTotal", figures.ejections().total());
        values.put("breakerOpenings", figures.breakerOpenings().recent());
        values.put("breakerOpeningsTotal", figures.breakerOpenings().total());
        values.put("latencyMillis", latencyMillis());
        values.put("latencyP99Millis", latencyP99Millis());
        values.put("failureRate", status.failureRate());
        return values;
    }

    private static @Nullable Long millis(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }

    @Nullable
    Double latencyMillis() {
        return fractional(status.latency());
    }

    @Nullable
    Double latencyP99Millis() {
        return fractional(figures.latencyP99());
    }

    private static @Nullable Double fractional(@Nullable Duration duration) {
        return duration == null ? null : duration.toNanos() / 1e6;
    }
}
