package dev.evenkeel.lb.core.internal.stats;

/**
 * Decides whether a backend's failures are its own fault: only if the other backends fail clearly less. If they fail
 * too, the fault is elsewhere, and removing capacity would make it worse.
 */
public final class RelativeGuard {
    private static final double OTHERS_LIMIT = 0.30;

    private RelativeGuard() {}

    /**
     * Compares a backend with the other backends.
     *
     * @param share the share of the backend's calls that fail, 0 to 1
     * @param othersShare the share of the other backends' calls that fail, 0 to 1
     * @return whether the other backends fail less than 30 %, and less than half as often
     */
    public static boolean passes(double share, double othersShare) {
        return othersShare < OTHERS_LIMIT && othersShare * 2 < share;
    }
}
