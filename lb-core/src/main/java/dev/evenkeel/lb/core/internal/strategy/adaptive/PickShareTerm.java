package dev.evenkeel.lb.core.internal.strategy.adaptive;

/**
 * S of the cost: the picks of this backend relative to the average one's, by weight. It decides between idle backends,
 * and so balances a pool with little load.
 *
 * <p>Among even weights S is at most 4, and worth a twentieth of a call in flight: an idle pool goes to its quickest
 * backends.
 *
 * <p>Among uneven weights it is worth a half. The weights are the user's word, and a small difference of latencies is
 * mostly noise: a tenth of latency is worth a fifth of the calls of an idle pool, and only about twice the latency is
 * worth all of them. Of a backend that is lighter than the average, by w, what exceeds its share counts 1/w times:
 * otherwise the few failures of a heavy backend would outweigh S, and an idle pool would send most calls to a canary. At
 * a cost of 3 that ends: beyond it the other backends are failing or hanging, and this one may have what it can take.
 */
final class PickShareTerm {

    private static final float EVEN = 0.05f;
    private static final float MAX_EVEN = 4;
    private static final float UNEVEN = 0.5f;
    /** With the constant part, a cost of 3. */
    private static final float MAX_UNEVEN = 5;

    private PickShareTerm() {}

    /** What S = 1 is worth. The constant part is what is left of 1. */
    private static float worth(boolean isUneven) {
        return isUneven ? UNEVEN : EVEN;
    }

    /**
     * What S is worth for each pick of the average backend; to be multiplied by the inverse of the average, which changes
     * with every pick.
     *
     * @param averagePicksInverse of an average backend of this weight
     * @param weightInverse 1/w
     * @param isUneven whether the pool's weights differ
     */
    static float slope(float picks, float averagePicksInverse, float weightInverse, boolean isUneven) {
        // No NaN comes here, for which Math.min would look.
        float max = maxShare(weightInverse, isUneven) / averagePicksInverse;
        return worth(isUneven) * (picks < max ? picks : max);
    }

    private static float maxShare(float weightInverse, boolean isUneven) {
        if (!isUneven) {
            return MAX_EVEN;
        }
        return weightInverse > 1 ? 1 + (MAX_UNEVEN - 1) / weightInverse : MAX_UNEVEN;
    }

    /**
     * The cost of a call in flight and a share of picks together: the constant part and what S is worth, times the
     * factor.
     *
     * @param share what S is worth, times the factor
     * @param factor what multiplies all terms
     * @param weightInverse 1/w
     * @param isUneven whether the pool's weights differ
     */
    static float cost(float share, float factor, float weightInverse, boolean isUneven) {
        if (!isUneven) {
            return factor * (1 - EVEN) + share;
        }
        float due = factor * UNEVEN;
        float counted = weightInverse > 1 && share > due ? due + (share - due) * weightInverse : share;
        return factor * (1 - UNEVEN) + counted;
    }
}
