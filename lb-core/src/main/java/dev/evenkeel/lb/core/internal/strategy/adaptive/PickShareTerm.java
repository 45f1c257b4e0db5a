package dev.evenkeel.lb.core.internal.strategy.adaptive;

/**
 * S of the cost: the picks of this backend relative to the average one's, by weight, at most 4, worth a twentieth of a
 * call in flight. It decides between idle backends, and so balances a pool with little load.
 *
 * <p>Of a backend that is lighter than the average, by w, what exceeds its share counts 1/w times, up to a cost of 3 for a very light one.
 * Otherwise the few failures of a heavy backend would outweigh S, and an idle pool would send most calls to a canary. Beyond
 * that cost the heavy ones are failing or hanging, and the light one may have what it can take.
 */
final class PickShareTerm {

    private static final float WEIGHT = 0.05f;
    private static final float MAX = 4;
    /** Of the lightest backend: with the constant part, a cost of 3. */
    private static final float MAX_OF_LIGHT = 41;

    private PickShareTerm() {}

    /** The constant part: 0.95. */
    static final float CONSTANT = 1 - WEIGHT;

    /**
     * 0.05·S for each pick of the average backend; to be multiplied by the inverse of the average, which changes with
     * every pick.
     *
     * @param averagePicksInverse of an average backend of this weight
     * @param weightInverse 1/w
     */
    static float slope(float picks, float averagePicksInverse, float weightInverse) {
        // No NaN comes here, for which Math.min would look.
        float max = maxShare(weightInverse) / averagePicksInverse;
        return WEIGHT * (picks < max ? picks : max);
    }

    private static float maxShare(float weightInverse) {
        if (weightInverse <= 1) {
            return MAX;
        }
        float max = MAX_OF_LIGHT - (MAX_OF_LIGHT - MAX) / weightInverse;
        return 1 + (max - 1) / weightInverse;
    }

    /**
     * The cost of a call in flight and a share of picks together: 0.95 + 0.05·S, times the factor.
     *
     * @param share 0.05·S, times the factor
     * @param factor what multiplies all terms
     * @param weightInverse 1/w
     */
    static float cost(float share, float factor, float weightInverse) {
        float due = factor * WEIGHT;
        float counted = weightInverse > 1 && share > due ? due + (share - due) * weightInverse : share;
        return factor * CONSTANT + counted;
    }
}
