package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.FailurePenalty;
import dev.evenkeel.lb.core.internal.strategy.support.NormalAnswers;
import dev.evenkeel.lb.spi.Candidate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * State that {@code adaptive} keeps for a backend.
 *
 * <p>Written by any thread without a lock. No field has more than 32 bits, so that no write is ever torn; a lost update
 * is a lost pick or strike. Without padding: a pick reads the states of many backends, and the closer they are the
 * fewer cache lines it needs.
 */
sealed class AdaptiveState permits ReportedLoadState {

    private static final byte REFRESH_TICKS = (byte) CoarseClock.ofMillis(100);
    /** A call that ends well is taken note of within a millisecond. */
    private static final byte NEXT_TICK = 1;

    private static final byte STALE = 0;
    private static final float LARGEST_FACTOR = 1e30f;
    private static final int AFTER_SLOW_START_TICKS = CoarseClock.ofMillis(20_000);

    private static final byte WITH_THE_POOL = 1;
    private static final byte POOL_AT_WORK = 2;
    private static final byte OUT_OF_SLOW_START = 3;

    private float picks;
    /** Random, with mean 1: fresh clients begin at backends in proportion to weight. */
    private final float phase;

    /** How it has joined, until the next refresh takes note of that: one of the constants; 0 if it has not. */
    private byte joined;

    private int lastTurn;
    private byte strikes;
    /** What holds the backend back: its last strike, or that it is new. Null if nothing does. */
    private @Nullable Holdback holdback;

    private float weightInverse = 1;
    /** Whether the weights of the backends that compete differ. */
    private boolean uneven;

    private float factor = 1;
    /** For each call in flight. Where R has faded, the call that tries a slow backend costs less than a second one. */
    private float perCall = 1;

    private float perShare;
    private int refreshedAt;
    /** For how long the last refresh holds. */
    private byte freshTicks = STALE;

    private int halvings;

    /**
     * A factor of the cost for some turns, and some time at most. An object of its own, since few backends have one at a
     * time.
     */
    private record Holdback(float factor, int untilTurn, int sinceTick, int maxTicks, float usual) {
        static Holdback of(float factor, int untilTurn, int sinceTick, int maxTicks) {
            return new Holdback(factor, untilTurn, sinceTick, maxTicks, 1);
        }

        /** Of a backend that was in slow start: no factor, but its latency does not count in its favour in full. */
        static Holdback afterSlowStart(int turn, int tick, float usual) {
            return new Holdback(1, turn + Integer.MAX_VALUE, tick, AFTER_SLOW_START_TICKS, usual);
        }

        /** R, which after slow start counts more and more in so far as it is better than the usual one. */
        double trusted(double latency, int tick) {
            if (factor != 1 || latency >= usual) {
                return latency;
            }
            return usual * Math.pow(latency / usual, Math.min(1, (double) (tick - sinceTick) / maxTicks));
        }

        boolean lasts(int turn, int tick) {
            return untilTurn - turn > 0 && !CoarseClock.passed(sinceTick, tick, maxTicks);
        }
    }

    AdaptiveState(PickCounter turns, RandomGenerator random) {
        // Of exponential draws divided by weights, the smallest is each in proportion to its weight.
        phase = (float) -Math.log(1 - random.nextDouble());
        // A new backend wins no tie against one that has waited.
        lastTurn = turns.turn();
        halvings = turns.halvings();
        joined = turns.hasBegun() ? POOL_AT_WORK : WITH_THE_POOL;
    }

    float picks() {
        return picks;
    }

    int lastTurn() {
        return lastTurn;
    }

    /** The cost of one more call without the calls in flight, given the inverse of the average backend's picks. */
    float idleCost(float averagePicksInverse) {
        return PickShareTerm.cost(perShare * averagePicksInverse, factor, weightInverse, uneven);
    }

    /** The cost of each call in flight. */
    float costOfCall() {
        return perCall;
    }

    /** R · F of the cost, as of the last refresh. */
    float factor() {
        return factor;
    }

    int strikes() {
        return strikes;
    }

    /** Whether it does not compete yet. */
    boolean isJoining() {
        return joined != 0;
    }

    void picked(int turn, float averagePicksInverse) {
        picks++;
        lastTurn = turn;
        share(averagePicksInverse);
    }

    private void share(float averagePicksInverse) {
        perShare = factor
                * weightInverse
                * PickShareTerm.slope(picks, averagePicksInverse * weightInverse, weightInverse, uneven);
    }

    /** Records a call that has ended, and requests a refresh. */
    void completed(
            Outcome outcome, long latencyNanos, double poolP95Nanos, PickCounter turns, int candidates, long nowNanos) {
        Holdback present = holdback;
        if (present != null && present.factor == FirstCallSpread.FACTOR) {
            holdback = null;
        }
        NormalAnswers answers = turns.normalAnswers();
        if (StrikePenalty.isLate(outcome, latencyNanos, poolP95Nanos)) {
            if (answers.hasWitness(latencyNanos, poolP95Nanos, nowNanos)) {
                strike(turns.turn(), candidates, CoarseClock.of(nowNanos));
            }
        } else if (outcome == Outcome.SUCCESS) {
            int before = strikes;
            if (before > 0) {
                strikes = (byte) (before - 1);
            }
            answers.add(nowNanos, poolP95Nanos);
            // One more good answer changes little. It is not written where it is known, which would take the line away.
            if (freshTicks == REFRESH_TICKS) {
                freshTicks = NEXT_TICK;
            }
            return;
        }
        freshTicks = STALE;
    }

    private void strike(int turn, int candidates, int tick) {
        int after = StrikePenalty.limited(strikes + 1);
        strikes = (byte) after;
        holdback = Holdback.of(
                FailurePenalty.SITTING_OUT,
                turn + StrikePenalty.turns(after, candidates),
                tick,
                StrikePenalty.MAX_TICKS);
    }

    private void joinsPoolAtWork(int turn, int candidates, int tick) {
        if (holdback == null) {
            holdback = Holdback.of(
                    FirstCallSpread.FACTOR,
                    turn + FirstCallSpread.turns(phase, candidates),
                    tick,
                    FirstCallSpread.ticks(phase));
        }
    }

    boolean isHeldBack() {
        return holdback != null;
    }

    /** K or N of the cost: above 1 while a strike, or that it is new, holds the backend back. */
    float holdbackFactor(int turn, int tick) {
        Holdback present = holdback;
        if (present == null) {
            return 1;
        }
        if (present.lasts(turn, tick)) {
            return present.factor;
        }
        holdback = null;
        return 1;
    }

    /** The backend joins, or returns. */
    void joins() {
        joined = POOL_AT_WORK;
        freshTicks = STALE;
    }

    /** Requests a refresh because the weight may have changed. */
    void outdate() {
        freshTicks = STALE;
    }

    boolean isStale(int tick) {
        return CoarseClock.passed(refreshedAt, tick, freshTicks);
    }

    /**
     * Refreshes what changes slowly: R · F, the weight, and the halving of the counts.
     *
     * @param backends the number of backends that compete
     * @param averageWeight their average weight
     */
    void refresh(
            Candidate candidate,
            PoolFigures figures,
            PickCounter turns,
            int backends,
            float averagePicksInverse,
            double averageWeight,
            long nowNanos,
            int tick) {
        // First, so that a call that ends meanwhile is not missed.
        freshTicks = REFRESH_TICKS;
        refreshedAt = tick;
        int halved = turns.halvings();
        if (halved != halvings) {
            picks = turns.halved(picks, halved - halvings);
            halvings = halved;
        }
        if (joined == OUT_OF_SLOW_START) {
            holdback = Holdback.afterSlowStart(turns.turn(), tick, turns.usualFactor());
        }
        weightInverse = (float) Math.min(LARGEST_FACTOR, averageWeight / candidate.weight());
        double latency = latencyFactor(candidate, figures, backends, nowNanos, tick);
        double failures = FailurePenalty.of(candidate.failureRate(nowNanos), figures.calmness());
        uneven = turns.isUneven();
        if (joined == OUT_OF_SLOW_START || (joined != 0 && uneven)) {
            // As if it had always had its share: it has nothing to catch up with.
            float average = 1 / averagePicksInverse;
            picks = Math.max(0, average - 1) / weightInverse + phase * Math.min(1, average);
        }
        if (joined == POOL_AT_WORK) {
            joinsPoolAtWork(turns.turn(), backends, tick);
        }
        joined = 0;
        factor = limited(latency * failures);
        double unfaded = Math.max(latency, unfadedLatencyFactor(candidate, figures, backends, nowNanos));
        perCall = limited(unfaded * failures * weightInverse);
        share(averagePicksInverse);
    }

    /** R of the cost. */
    double latencyFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos) {
        return LatencyFactor.of(candidate, figures, backends, weightInverse, nowNanos);
    }

    /** R of the cost of the calls in flight: what was last seen, so that a slow backend is tried by one call at a time. */
    double unfadedLatencyFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos) {
        return LatencyFactor.unfaded(candidate, figures, backends);
    }

    /** A of the cost, at least 1. */
    double ageFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos) {
        return QueueAgeFactor.of(candidate.waitingNanos(nowNanos), figures.latencyP95Nanos());
    }

    private double latencyFactor(Candidate candidate, PoolFigures figures, int backends, long nowNanos, int tick) {
        double latency = latencyFactor(candidate, figures, backends, nowNanos);
        Holdback present = holdback;
        return present == null ? latency : present.trusted(latency, tick);
    }

    private static float limited(double factor) {
        return (float) Math.min(LARGEST_FACTOR, factor);
    }

    /**
     * Refreshes R · F of a backend in slow start, which does not compete. When it joins them it has nothing
     * to catch up with, and its first calls have been spread.
     */
    void refreshInSlowStart(Candidate candidate, PoolFigures figures, int backends, long nowNanos, int tick) {
        freshTicks = REFRESH_TICKS;
        refreshedAt = tick;
        joined = OUT_OF_SLOW_START;
        factor = limited(latencyFactor(candidate, figures, backends, nowNanos, tick)
                * FailurePenalty.of(candidate.failureRate(nowNanos), figures.calmness()));
    }
}
