package dev.evenkeel.lb;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One backend at one moment.
 *
 * @param backend the backend as described
 * @param adminState what an operator wants
 * @param health what active checks have found
 * @param healthCause why it is up or down, in the check's words; empty if not checked
 * @param breaker the state of its circuit breaker
 * @param ejectedFor how much longer it is ejected; null if it is not
 * @param ineligibilities why it cannot be chosen now; empty if it can
 * @param explanation the same in a sentence for people, with what has been decided about an eligible one
 * @param effectiveWeight the weight that the strategy sees
 * @param inFlight leases that are out
 * @param requests leases given out so far; the sum of {@code outcomes} and {@code inFlight}
 * @param outcomes ended leases by outcome
 * @param latency a running median of the time to an answer; null without a sample
 * @param failureRate recent share of failures, 0 to 1
 */
public record BackendStatus(
        Backend backend,
        AdminState adminState,
        HealthState health,
        String healthCause,
        BreakerState breaker,
        @Nullable Duration ejectedFor,
        Set<Ineligibility> ineligibilities,
        String explanation,
        double effectiveWeight,
        int inFlight,
        long requests,
        Map<Outcome, Long> outcomes,
        @Nullable Duration latency,
        double failureRate) {

    public BackendStatus {
        ineligibilities = Set.copyOf(ineligibilities);
        outcomes = Map.copyOf(outcomes);
    }

    /**
     * Whether it can be chosen now.
     *
     * @return true if nothing speaks against it
     */
    public boolean isEligible() {
        return ineligibilities.isEmpty();
    }

    /**
     * Ended leases with an outcome.
     *
     * @param outcome the outcome
     * @return how many
     */
    public long count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }
}
