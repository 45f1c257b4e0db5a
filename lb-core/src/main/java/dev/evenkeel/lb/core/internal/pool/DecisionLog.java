package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Decision;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Logs one decision in so many. Decisions are sampled at random: no rhythm in the calls can bias the sample, and
 * threads share no counter.
 *
 * @param oneOf one decision in this many is logged
 */
public record DecisionLog(int oneOf) {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb.decisions");

    /** Null if no decisions are logged. */
    static @Nullable DecisionLog of(int oneOf) {
        return checkOneOf(oneOf) == 0 ? null : new DecisionLog(oneOf);
    }

    public static int checkOneOf(int oneOf) {
        if (oneOf < 0) {
            throw new IllegalArgumentException("oneOf must be at least 0: " + oneOf + "; 0 is for none, 1 for all");
        }
        return oneOf;
    }

    boolean isDue() {
        return oneOf == 1 || ThreadLocalRandom.current().nextInt(oneOf) == 0;
    }

    void write(Decision decision) {
        LOG.log(System.Logger.Level.INFO, decision.toString());
    }
}
