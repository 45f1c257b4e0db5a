package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.PoolSnapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a health contributor says of one pool: down if no backend that operators leave in use is well, degraded if some
 * are not, up otherwise.
 *
 * @param isDown whether calls cannot be expected to succeed
 * @param details the state in a word, the counts, and the reason of each backend that is not well
 */
public record PoolHealth(boolean isDown, Map<String, Object> details) {

    /**
     * The health of a pool.
     *
     * @param pool its state
     * @return the health at that moment
     */
    public static PoolHealth of(PoolSnapshot pool) {
        List<BackendStatus> inUse = pool.backends().stream()
                .filter(backend -> backend.adminState() == AdminState.ACTIVE)
                .toList();
        List<BackendStatus> unwell =
                inUse.stream().filter(backend -> !isWell(backend)).toList();
        int well = inUse.size() - unwell.size();
        boolean isDown = pool.closed() || well == 0;
        boolean isDegraded = !unwell.isEmpty()
                || pool.tiers().stream().anyMatch(PoolSnapshot.TierStatus::panic)
                || inUse.stream().anyMatch(backend -> backend.health() == HealthState.DEGRADED);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("state", isDown ? "down" : isDegraded ? "degraded" : "up");
        details.put("backends", pool.backends().size());
        details.put("well", well);
        details.put("unwell", unwell.size());
        details.put("takenOut", pool.backends().size() - inUse.size());
        details.put("inFlight", pool.inFlight());
        Map<String, String> reasons = new LinkedHashMap<>();
        unwell.forEach(backend -> reasons.put(backend.backend().id(), backend.explanation()));
        if (!reasons.isEmpty()) {
            details.put("reasons", reasons);
        }
        return new PoolHealth(isDown, details);
    }

    /** In panic a backend that is down is eligible all the same, so its states are asked too. */
    private static boolean isWell(BackendStatus backend) {
        return backend.health() != HealthState.DOWN
                && backend.breaker() != BreakerState.OPEN
                && backend.ejectedFor() == null
                && !backend.ineligibilities().contains(Ineligibility.RESTING)
                && !backend.ineligibilities().contains(Ineligibility.DRAINING);
    }
}
