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
 * <p>It reads nothing but the candidates' states, and does not branch by what it reads: which one is less than all before
 * cannot be foreseen, and a processor that guesses wrong loses the time of several comparisons. Where the one that it finds
 * has calls in flight, the time is lost: then only some picks scan ({@link PickCounter#isIdleSought}).
 */
final class IdleScan {
    /** The answer where the candidates have to be compared one by one. */
    static final int UNKNOWN = -1;

    private final Candidate[] candidates;
    private final AdaptiveState[] states;
    private final @Nullable StratifiedSampler sample;
    private final PickCounter turns;
    private final PoolFigures figures;

    /** Scans all, or a sample. */
    IdleScan(
            Candidate[] candidates,
            AdaptiveState[] states,
            @Nullable StratifiedSampler sample,
            PickCounter turns,
            PoolFigures figures) {
        this.candidates = candidates;
        this.states = states;
        this.sample = sample;
        this.turns = turns;
        this.figures = figures;
    }

    /**
     * The index of the cheapest candidate, if that is idle; of equal ones the one that has waited longest, and of these the
     * first from the cursor on. Unknown if it is not idle, if a state has to be refreshed first, or if this turn does not look
     * for an idle one.
     *
     * @param firstWord makes the draws of the sample
     */
    int find(float averagePicksInverse, int cursor, long firstWord, int turn, long nowNanos, int tick) {
        if (!turns.isIdleSought(turn)) {
            return UNKNOWN;
        }
        int least = least(averagePicksInverse, cursor, firstWord, turn, tick);
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

    /** The index of the candidate with the least idle cost; unknown if a state that is read here is stale. */
    private int least(float averagePicksInverse, int cursor, long firstWord, int turn, int tick) {
        AdaptiveState[] known = states;
        StratifiedSampler drawn = sample;
        int n = known.length;
        int compared = drawn == null ? n : drawn.draws();
        long word = firstWord;
        long least = Long.MAX_VALUE;
        int best = cursor;
        boolean isAnyStale = false;
        for (int i = 0; i < compared; i++) {
            int index;
            if (drawn == null || i == 0) {
                index = cursor + i < n ? cursor + i : cursor + i - n;
            } else {
                word = RandomBits.next(word);
                index = drawn.draw(i, cursor, word);
            }
            AdaptiveState state = known[index];
            isAnyStale |= state.isStale(tick);
            long order = order(state.idleCost(averagePicksInverse), turn - state.lastTurn());
            long isLess = isLess(order, least);
            least = chosen(isLess, order, least);
            best += (index - best) & (int) isLess;
        }
        return isAnyStale ? UNKNOWN : best;
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

    private static long chosen(long isFirst, long first, long second) {
        return second + ((first - second) & isFirst);
    }
}
