package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.FailurePenalty;

/**
 * K of the cost: a backend with a strike rests, which makes it 100 times as dear: it is used only where all the others rest
 * or are swamped.
 *
 * <p>A strike is an answer later than 4 times the pool's 95th percentile, a timeout, or a call that was given up when it was
 * older than that percentile: the slot which a cancelled call frees must not make a stuck backend look idle (p99.9 with
 * hedging 221 ms instead of 624). It counts only with a witness: another call of the pool that ended normally after this one
 * was overdue (its start + the percentile) and before it ended. Nothing ends while the client itself stands still, in a garbage
 * collection or for want of a processor, so its own pause strikes no backend. A normal success takes a strike back. The rest is counted in turns, not in seconds, so
 * that it means the same to a client of 10 calls per second and to one of 10,000; 5 s are its limit. Without this term 100
 * clients saw a p99 of 348 ms instead of 124 on stalls.
 */
public final class StrikePenalty {


    private static final int MAX_STRIKES = 6;
    private static final double LATE = 4;
    private static final int MIN_ROUNDS = 4;
    private static final int MAX_ROUNDS = 64;
    static final int MAX_TICKS = CoarseClock.ofMillis(5_000);

    private StrikePenalty() {}

    /** Whether a call that has ended is a strike, if there is a witness. */
    static boolean isLate(Outcome outcome, long latencyNanos, double poolP95Nanos) {
        return switch (outcome) {
            case TIMED_OUT -> true;
            case CANCELLED -> poolP95Nanos > 0 && latencyNanos >= poolP95Nanos;
            case SUCCESS -> poolP95Nanos > 0 && latencyNanos > LATE * poolP95Nanos;
            case SERVER_ERROR, GATEWAY_ERROR, THROTTLED, NEVER_SENT, FAILED, DISCARDED -> false;
        };
    }

    /** Whether another call of the pool has ended normally since a call that ends now was overdue. */
    static boolean hasWitness(NormalAnswers answers, long latencyNanos, double poolP95Nanos, long nowNanos) {
        return answers.anyBetween(nowNanos - latencyNanos + (long) poolP95Nanos, nowNanos);
    }

    static int limited(int strikes) {
        return Math.min(MAX_STRIKES, strikes);
    }

    /** How many turns of the pool to sit out. */
    static int turns(int strikes, int candidates) {
        return Math.min(MAX_ROUNDS, MIN_ROUNDS << (strikes - 1)) * candidates;
    }
}
