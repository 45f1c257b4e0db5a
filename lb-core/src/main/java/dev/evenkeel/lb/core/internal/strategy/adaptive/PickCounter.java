package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.core.internal.stats.CacheLinePadding;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.NormalAnswers;

/**
 * Counters shared by all picks of a pool under {@code adaptive}: the number of the turn, how many picks count at
 * present, and when calls ended normally.
 *
 * <p>Plain {@code int}s, which are never torn: of two racing threads one turn may be lost, and then both scan from the
 * same position.
 */
final class PickCounter extends CacheLinePadding {

    private static final int HALVING_TICKS = CoarseClock.ofMillis(10_000);
    /** Of so many picks of a busy pool one looks for an idle backend. */
    private static final int BUSY_PICKS = 16;

    private int turn;
    private float picks;
    private float minMemory;
    private int halvings;
    private int halvedAt;
    /** Whether the last pick that looked for an idle backend found none. Each pick writes this line of the cache anyway. */
    private boolean busy;
    /** The index of a candidate in the picker that looked last, perhaps one of other candidates. */
    private int runnerUp;

    int q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;
    int q16, q17, q18, q19, q20, q21, q22, q23, q24, q25, q26, q27, q28, q29, q30, q31;

    private final NormalAnswers normalAnswers = new NormalAnswers();
    private float usualFactor = 1;

    PickCounter(int firstTurn, int tick) {
        turn = firstTurn;
        halvedAt = tick;
    }

    /**
     * How many picks are remembered at least, however much time passes: a light backend of a quiet pool has its turn once
     * in so many.
     */
    void remember(float atLeast, int backends) {
        minMemory = atLeast;
        if (isUneven() && picks == 0) {
            // As if each backend had been picked once, at a random point of its turn.
            picks = backends;
        }
    }

    /** Whether the weights of the backends differ. */
    boolean isUneven() {
        return minMemory > 0;
    }

    /** Takes note of what a backend that leaves slow start joins. */
    void usualFactor(float ofBackendsAtWork) {
        usualFactor = ofBackendsAtWork;
    }

    /**
     * R · F of a backend that competes already. It is above 1 where few calls are in flight: one that seems quicker gets
     * calls until it no longer does, while one that seems slower gets none.
     */
    float usualFactor() {
        return usualFactor;
    }

    /** Whether the pool is at work: it has picked. */
    boolean hasBegun() {
        return picks > minMemory;
    }

    /** Begins a pick, and halves the counts if 10 s have passed. */
    int next(int tick) {
        if (CoarseClock.passed(halvedAt, tick, HALVING_TICKS)) {
            halvedAt = tick;
            if (picks > 2 * minMemory) {
                picks = halved(picks, 1);
                halvings++;
            }
        }
        picks++;
        return ++turn;
    }

    /** Whether a pick is to look for an idle backend: each does, but only one in sixteen after one that looked in vain. */
    boolean isIdleSought(int ofTurn) {
        return !busy || ofTurn % BUSY_PICKS == 0;
    }

    /** Takes note of whether a pick that looked for an idle backend has found one. */
    void idleFound(boolean found) {
        busy = !found;
    }

    /**
     * The index, of so many, of the candidate that was second when a pick last looked for an idle one. Leaves another one:
     * two picks at once are not to choose the same.
     */
    int takeRunnerUp(int candidates, int left) {
        int kept = runnerUp;
        runnerUp = left;
        return kept < candidates ? kept : left;
    }

    void keepRunnerUp(int index) {
        runnerUp = index;
    }

    NormalAnswers normalAnswers() {
        return normalAnswers;
    }

    /**
     * A count after this many halvings. Among even backends fractions are dropped: a client with few picks forgets them,
     * and so finds a backend that has returned. Among uneven backends fractions are the turns of the light ones.
     */
    float halved(float count, int times) {
        float half = count / (1 << Math.min(30, times));
        return isUneven() ? half : (int) half;
    }

    int turn() {
        return turn;
    }

    float picks() {
        float counted = picks;
        return counted < 1 ? 1 : counted; // Math.max treats NaN and -0, which takes several times as long.
    }

    /** How often the counts have been halved. A backend's own count follows at its next refresh. */
    int halvings() {
        return halvings;
    }
}
