package dev.evenkeel.lb.core.internal.strategy.support;

/**
 * F of the cost: 1 + 10 · (recent share of failures) · (the pool's calmness). A backend that always fails gets an
 * eleventh of the traffic.
 *
 * <p>When the whole pool is slower than usual, a failure says less about the backend, and the penalty shrinks
 * accordingly: the effect of a panic threshold without a threshold. RATIONALE.md shows the effect.
 *
 * <p>A backend that mostly fails is at least as expensive as one with a strike: otherwise a moment in which all healthy
 * backends are late at once, such as a stall of the client's own machine, would send all calls to it.
 */
public final class FailurePenalty {
    public static final float SITTING_OUT = 100;

    private static final double WEIGHT = 10;
    private static final double MOSTLY = 0.5;

    private FailurePenalty() {}

    public static double of(double failureRate, double calmness) {
        double share = failureRate * calmness;
        double factor = 1 + WEIGHT * share;
        return share > MOSTLY ? factor * SITTING_OUT : factor;
    }
}
