package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One backend as the page shows it.
 *
 * @param key id of the row in the page
 * @param status the backend's status
 * @param state a word or two
 * @param kind the class of the state: used, warned, out or idle
 */
record BackendRow(String key, BackendStatus status, String state, String kind) {

    static BackendRow of(String poolKey, int index, BackendStatus status) {
        String key = poolKey + "-" + index;
        if (!status.isEligible()) {
            Ineligibility why = status.ineligibilities().iterator().next();
            return new BackendRow(key, status, why.text(), kind(why));
        }
        // An explanation that is longer than "used" says what is unusual about its use.
        boolean unusual = !status.explanation().equals("used");
        return new BackendRow(key, status, "in use", unusual ? "warned" : "used");
    }

    private static String kind(Ineligibility why) {
        return switch (why) {
            case DRAINING, MAINTENANCE, STANDBY, DEGRADED, REMOTE_ZONE, TRIED, NOT_PERMITTED -> "idle";
            case FULL, RESTING -> "warned";
            default -> "out";
        };
    }

    long failures() {
        long failures = 0;
        for (Map.Entry<Outcome, Long> ended : status.outcomes().entrySet()) {
            if (ended.getKey().isFailure()) {
                failures += ended.getValue();
            }
        }
        return failures;
    }

    @Nullable
    Double latencyMillis() {
        return status.latency() == null ? null : status.latency().toNanos() / 1e6;
    }
}
