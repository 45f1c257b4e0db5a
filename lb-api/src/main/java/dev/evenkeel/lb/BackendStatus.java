package dev.evenkeel.lb;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Status of one backend at one moment.
 *
 * @param backend the backend's description
 * @param adminState the state that an operator has set
 * @param health the result of active checks
 * @param healthCause the message of the check; empty if not checked
 * @param breaker the state of its circuit breaker
 * @param ejectedFor the remaining time of its ejection; null if it is not ejected
 * @param ineligibilities the reasons why it cannot be chosen now; empty if it can
 * @param explanation the same in a sentence for people, or how an eligible backend is used
 * @param effectiveWeight the weight that the strategy sees
 * @param inFlight leases that have not completed
 * @param requests leases granted so far; the sum of {@code outcomes} and {@code inFlight}
 * @param outcomes completed leases by outcome
 * @param latency a running median of the time to a response; null without a sample
 * @param failureRate the recent share of failures, 0 to 1
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
     * @return true if there is no reason against it
     */
    public boolean isEligible() {
        return ineligibilities.isEmpty();
    }

    /**
     * The number of completed leases with an outcome.
     *
     * @param outcome the outcome
     * @return at least 0
     */
    public long count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }
}
