package dev.evenkeel.lb;

import java.time.Duration;

/**
 * How a drain ended.
 *
 * @param backend the backend
 * @param remaining calls that were still in flight: 0 if it ran empty before the deadline
 * @param took from the request to the end
 */
public record DrainReport(Backend backend, int remaining, Duration took) {

    /**
     * Whether every call had ended.
     *
     * @return true if nothing was left
     */
    public boolean isComplete() {
        return remaining == 0;
    }
}
