package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.support.RandomBits;
import dev.evenkeel.lb.core.internal.strategy.support.StratifiedSampler;
import dev.evenkeel.lb.spi.Candidate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the candidate that would cost least if no candidate had calls in flight. If that one has none, and nothing else
 * raises its cost, it is the cheapest: calls in flight only raise costs.
 *
 * <p>Of many candidates it looks at a sample, and at the one that was second at the pick before: a good one is kept until it
 * has its turn, so that half as many draws do. This is load balancing with a memory of one (Mitzenmacher, Prabhakar and
 * Shah, FOCS 2002).
 *
 * <p>It reads nothing but the candidates' states, and does not branch by which one is less than all before: that cannot be
 * foreseen, and a processor that guesses wrong loses the time of several comparisons. Where the one that it finds has calls in
 * flight, the time is lost: then only some picks scan ({@link PickCounter#isIdleSought}).
 */
final class IdleScan {
    /** The answer where the candidates have to be compared one by one. */
    static final int UNKNOWN = -1;

    /** How many are drawn where there are too many to look at all. */
    static final int DRAWS = 16;

    private final Candidate[] candidates;
    private final AdaptiveState[] states;
    private final @Nullable StratifiedSampler sample;
    private final PickCounter turns;
    private final PoolFigures figures;
    private final double averageWeight;

    /** Scans all, or a sample of more than {@link AdaptivePicker#COMPARED}. */
    IdleScan(
            Candidate[] candidates,
            AdaptiveState[] states,
            PickCounter turns,
            PoolFigures figures,
            double averageWeight) {
        this.candidates = candidates;
        this.states = states;
        this.sample = states.length > AdaptivePicker.COMPARED ? new StratifiedSampler(states.length, DRAWS) : null;
        this.turns = turns;
        this.figures = figures;
        this.averageWeight = averageWeight;
    }

    /**
     * The index of the cheapest candidate, if that is idle; of equal ones the one that has waited longest, and of these the
     * first from the cursor on. Unknown if it is not idle, if one of all states has to be refreshed first, or if this turn
     * does not look for an idle one.
     *
     * @param firstWord makes the draws of the sample
     */
    int find(float averagePicksInverse, int cursor, long firstWord, int turn, long nowNanos, int tick) {
        if (!turns.isIdleSought(turn)) {
            return UNKNOWN;
        }
        StratifiedSampler drawn = sample;
        int least = drawn == null
                ? leastOfAll(averagePicksInverse, cursor, turn, tick)
                : leastOfSample(drawn, averagePicksInverse, cursor, firstWord, turn, nowNanos, tick);
        if (least == UNKNOWN) {
            return UNKNOWN;
        }
        boolean isIdle = isIdle(candidates[least], states[least], nowNanos);
        turns.idleFound(isIdle);
        return isIdle ? least : UNKNOWN;
    }

    /** Whether nothing raises a cost. */
    private boolean isIdle(Candidate candidate, AdaptiveState state, long nowNanos) {
        return candidate.inFlight() == 0
                && !state.isHeldBack()
                && state.ageFactor(candidate, figures, candidates.length, nowNanos) == 1;
    }

    /** The index of the candidate with the least idle cost; unknown if a state is stale. */
    private int leastOfAll(float averagePicksInverse, int cursor, int turn, int tick) {
        AdaptiveState[] known = states;
        int n = known.length;
        long least = Long.MAX_VALUE;
        int best = cursor;
        boolean isAnyStale = false;
        for (int i = 0; i < n; i++) {
            int index = cursor + i < n ? cursor + i : cursor + i - n;
            AdaptiveState state = known[index];
            isAnyStale |= state.isStale(tick);
            long order = order(state.idleCost(averagePicksInverse), turn - state.lastTurn());
            long isLess = isLess(order, least);
            least = chosen(isLess, order, least);
            best = chosen(isLess, index, best);
        }
        return isAnyStale ? UNKNOWN : best;
    }

    /**
     * The index of the candidate with the least idle cost, of the one that was second at the pick before, the one at the
     * cursor, and draws. Refreshes stale states: of many backends most are, unless a pool picks very often.
     */
    private int leastOfSample(
            StratifiedSampler drawn,
            float averagePicksInverse,
            int cursor,
            long firstWord,
            int turn,
            long nowNanos,
            int tick) {
        AdaptiveState[] known = states;
        int n = known.length;
        int draws = drawn.draws();
        long word = firstWord;
        long least = Long.MAX_VALUE;
        long second = Long.MAX_VALUE;
        int best = cursor;
        int runnerUp = cursor;
        int index = turns.takeRunnerUp(n, cursor);
        for (int arc = 0; ; arc++) {
            AdaptiveState state = known[index];
            if (state.isStale(tick)) {
                state.refresh(candidates[index], figures, turns, n, averagePicksInverse, averageWeight, nowNanos, tick);
            }
            long order = order(state.idleCost(averagePicksInverse), turn - state.lastTurn());
            long isLess = isLess(order, least);
            long loser = chosen(isLess, least, order);
            int losing = chosen(isLess, best, index);
            least = chosen(isLess, order, least);
            best = chosen(isLess, index, best);
            // What was kept may be drawn as well.
            long isSecond = isLess(loser, second) & areDifferent(losing, best);
            second = chosen(isSecond, loser, second);
            runnerUp = chosen(isSecond, losing, runnerUp);
            if (arc == draws) {
                break;
            }
            word = RandomBits.next(word);
            index = arc == 0 ? cursor : drawn.draw(arc, cursor, word);
        }
        turns.keepRunnerUp(runnerUp);
        return best;
    }

    /** A number, at least 0, that is less for a lower cost, and for more turns where the cost is the same. */
    private static long order(float cost, int turnsSince) {
        return (long) Float.floatToRawIntBits(cost) << Integer.SIZE
                | Integer.toUnsignedLong(Integer.MAX_VALUE - turnsSince);
    }

    /** All bits if a number is less, and none otherwise; both are at least 0. */
    private static long isLess(long number, long than) {
        return (number - than) >> (Long.SIZE - 1);
    }

    /** All bits if two numbers differ, and none otherwise. */
    private static int areDifferent(int one, int other) {
        int difference = one ^ other;
        return (difference | -difference) >> (Integer.SIZE - 1);
    }

    private static long chosen(long isFirst, long first, long second) {
        return second + ((first - second) & isFirst);
    }

    private static int chosen(long isFirst, int first, int second) {
        return second + ((first - second) & (int) isFirst);
    }
}
