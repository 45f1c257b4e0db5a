package dev.evenkeel.lb.core.internal.strategy.adaptive;

/**
 * S of the cost: the picks of this backend relative to the average one's, by weight, at most 4, worth a twentieth of a
 * call in flight. It decides between idle backends, and so balances a pool with little load.
 */
final class PickShareTerm {

    private static final float WEIGHT = 0.05f;
    private static final float MAX = 4;

    private PickShareTerm() {}

    /** The constant part: 0.95. */
    static final float CONSTANT = 1 - WEIGHT;

    /**
     * 0.05·S for each pick of the average backend; to be multiplied by the inverse of the average, which changes with
     * every pick.
     */
    static float slope(float picks, float averagePicksInverse) {
        // No NaN comes here, for which Math.min would look.
        float max = MAX / averagePicksInverse;
        return WEIGHT * (picks < max ? picks : max);
    }
}
