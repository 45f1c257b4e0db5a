package dev.evenkeel.lb.examples.failures;

import java.time.Duration;

/**
 * How long things take.
 *
 * @param perSecond calls
 * @param strategy the pool's, by name
 * @param before traffic before the fault
 * @param during how long it lasts
 * @param after traffic after it, at most, while not all servers that were hit answer again, and as much again
 * @param checkInterval of the active checks; a quarter of it while in doubt
 * @param checkTimeout of the active checks
 * @param attemptTimeout after which a slow attempt moves on
 */
record Plan(
        int perSecond,
        String strategy,
        Duration before,
        Duration during,
        Duration after,
        Duration checkInterval,
        Duration checkTimeout,
        Duration attemptTimeout) {

    /** For a table to be read. */
    static Plan full(String strategy) {
        return new Plan(
                200,
                strategy,
                Duration.ofSeconds(4),
                Duration.ofSeconds(6),
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                Duration.ofMillis(500),
                Duration.ofMillis(500));
    }

    /** For a test, which asserts counts, on a machine that may be short of time. */
    static Plan brief() {
        return new Plan(
                100,
                "adaptive",
                Duration.ofMillis(500),
                Duration.ofMillis(1500),
                Duration.ofSeconds(4),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(3));
    }
}
