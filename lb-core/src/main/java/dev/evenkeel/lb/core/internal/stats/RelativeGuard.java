package dev.evenkeel.lb.core.internal.stats;

/**
 * Whether a backend's failures are its own fault: only if the other backends fail clearly less. If they fail too, the fault
 * is elsewhere, and taking capacity away would make it worse.
 */
public final class RelativeGuard {
    private static final double OTHERS_LIMIT = 0.30;

    private RelativeGuard() {}

    /**
     * Compares.
     *
     * @param share of the backend's calls that fail, 0 to 1
     * @param othersShare of the calls of the other backends that fail, 0 to 1
     * @return whether the others fail less than 30 % and less than half as often
     */
    public static boolean passes(double share, double othersShare) {
        return othersShare < OTHERS_LIMIT && othersShare * 2 < share;
    }
}
