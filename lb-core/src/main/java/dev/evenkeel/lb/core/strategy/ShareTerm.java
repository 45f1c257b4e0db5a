package dev.evenkeel.lb.core.strategy;

/**
 * S of the cost: picks of this backend beside the average one's, at most 4, worth a twentieth of a call in flight. It
 * decides between idle backends, and so evens out a pool with little to do.
 */
final class ShareTerm {

    private static final float WEIGHT = 0.05f;
    private static final float MOST = 4;

    private ShareTerm() {}

    /** What one more call means for a backend besides those in flight: 0.95 + 0.05·S. */
    static float oneMore(int picks, float averagePicksInverse) {
        return 1 - WEIGHT + WEIGHT * Math.min(MOST, picks * averagePicksInverse);
    }
}
