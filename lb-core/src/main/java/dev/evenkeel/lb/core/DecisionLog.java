package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Decision;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes down one decision of so many. By chance, so that no rhythm of the calls is favoured and threads share no counter.
 *
 * @param oneOf of how many
 */
record DecisionLog(int oneOf) {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb.decisions");

    boolean isDue() {
        return oneOf == 1 || ThreadLocalRandom.current().nextInt(oneOf) == 0;
    }

    void write(Decision decision) {
        LOG.log(System.Logger.Level.INFO, decision.toString());
    }
}
