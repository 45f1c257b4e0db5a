package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.NormalAnswers;

/**
 * K of the cost: a backend with a strike is 100 times as expensive for some turns, so that it is used only where all
 * other backends have a strike or are overloaded.
 *
 * <p>A strike is one of:
 * <ul>
 * <li>a response later than 4 times the pool's 95th percentile;
 * <li>a timeout;
 * <li>a call that was cancelled when it was older than that percentile: the slot that it frees must not make a stuck
 *     backend look idle.
 * </ul>
 *
 * <p>It counts only with a {@linkplain NormalAnswers witness}: another call of the pool that ended normally after this one was overdue (its start
 * + the percentile) and before it ended. While the client itself pauses, in a garbage collection or for want of a
 * processor, no call ends, so its own pause strikes no backend. A normal success takes a strike back. The penalty lasts
 * for a number of turns, not of seconds, so that it means the same to a client of 10 calls per second and to one of
 * 10,000; it ends after 5 s at the latest. RATIONALE.md shows the effect.
 */
public final class StrikePenalty {

    private static final int MAX_STRIKES = 6;
    private static final double LATE = 4;
    private static final int MIN_ROUNDS = 4;
    private static final int MAX_ROUNDS = 64;
    static final int MAX_TICKS = CoarseClock.ofMillis(5_000);

    private StrikePenalty() {}

    /** Whether a call that has ended is a strike, provided there is a witness. */
    static boolean isLate(Outcome outcome, long latencyNanos, double poolP95Nanos) {
        return switch (outcome) {
            case TIMED_OUT -> true;
            case CANCELLED -> poolP95Nanos > 0 && latencyNanos >= poolP95Nanos;
            case SUCCESS -> poolP95Nanos > 0 && latencyNanos > LATE * poolP95Nanos;
            case SERVER_ERROR, GATEWAY_ERROR, THROTTLED, NEVER_SENT, FAILED, DISCARDED -> false;
        };
    }

    static int limited(int strikes) {
        return Math.min(MAX_STRIKES, strikes);
    }

    /** The number of the pool's turns that the penalty lasts. */
    static int turns(int strikes, int candidates) {
        return Math.min(MAX_ROUNDS, MIN_ROUNDS << (strikes - 1)) * candidates;
    }
}
