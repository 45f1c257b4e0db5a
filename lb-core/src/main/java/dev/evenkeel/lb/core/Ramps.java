package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.core.health.SlowStart;
import java.time.Duration;
import java.util.List;

/**
 * Slow start: which backends ramp up, and how far they are. Runs under the registry's lock.
 *
 * <p>A ramp begins when a cold backend settles, that is, is good and not on trial any more, while others are settled: the
 * first ones of a pool, and those that come back when nobody is left, have nobody to hand the load to meanwhile. Trial
 * calls are few anyway; to ramp them would only make the trial longer.
 */
final class Ramps {
    /** A ramp has up to this many steps. */
    private static final int STEPS = 20;

    private static final Duration SHORTEST_STEP = Duration.ofMillis(100);

    private final SlowStart slowStart;
    private final boolean byWeight;
    private boolean running;
    /** Under a strategy that is blind to weights: what one is to get depends on what the others get. */
    private boolean uneven;

    /**
     * Nothing ramps yet.
     *
     * @param byWeight whether the strategy follows weights
     */
    Ramps(SlowStart slowStart, boolean byWeight) {
        this.slowStart = slowStart;
        this.byWeight = byWeight;
    }

    /** Whether something ramped at the last {@link #update}, and another step is due after {@link #step}. */
    boolean running() {
        return running;
    }

    Duration step() {
        Duration step = slowStart.window().dividedBy(STEPS);
        return step.compareTo(SHORTEST_STEP) < 0 ? SHORTEST_STEP : step;
    }

    /** Whether, with some backends that stand as they do now, more than these are concerned. */
    boolean concernOthers(List<BackendNode> touched) {
        boolean concern = running || uneven;
        for (BackendNode node : touched) {
            concern |= slowStart.enabled() && node.cold && !node.settled && isSettled(node);
            concern |= !byWeight && node.particulars().weightPercent != 100;
        }
        return concern;
    }

    /** Begins and ends ramps. */
    void update(List<BackendNode> all, long nowNanos) {
        running = false;
        uneven = false;
        boolean othersSettled = false;
        for (BackendNode node : all) {
            othersSettled |= node.settled && isSettled(node) && !node.outgoing;
        }
        for (BackendNode node : all) {
            boolean settles = isSettled(node);
            if (!settles) {
                node.endRamp();
                node.cold |= node.standing != Standing.WITHDRAWN || node.adminState() == AdminState.MAINTENANCE;
            } else if (!node.settled) {
                if (slowStart.enabled() && node.cold && othersSettled) {
                    node.beginRamp(nowNanos);
                } else {
                    node.endRamp();
                }
                node.cold = false;
            } else if (node.particulars().ramping
                    && nowNanos - node.particulars().rampSinceNanos
                            >= slowStart.window().toNanos()) {
                node.endRamp();
            }
            node.settled = settles;
            if (node.particulars().ramping) {
                running = true;
                Particulars own = node.ownParticulars();
                own.rampFactor = slowStart.factor(nowNanos - own.rampSinceNanos);
            }
        }
    }

    private static boolean isSettled(BackendNode node) {
        return node.standing.isGood() && !node.isOnTrial();
    }

    /**
     * Lets the ramps of backends that compete, and what they ask for of their weights, take effect: as their weight, or,
     * under a strategy that is blind to it, as the part of the requests that may choose them.
     */
    void apply(List<BackendNode> competitors) {
        double largest = byWeight ? 1 : largestFactor(competitors);
        for (BackendNode node : competitors) {
            int limit = node.mostInFlight();
            double rampFactor = node.particulars().rampFactor;
            boolean limited = rampFactor < 1 && limit != Integer.MAX_VALUE;
            double factor = factor(node);
            uneven |= !byWeight && factor != 1;
            node.ramp(limited ? Math.max(1, (int) (limit * rampFactor)) : limit, byWeight ? 1 : factor / largest);
            node.weight = node.backend.weight() * (byWeight ? factor : 1);
        }
    }

    private static double largestFactor(List<BackendNode> competitors) {
        double largest = 0;
        for (BackendNode node : competitors) {
            largest = Math.max(largest, factor(node));
        }
        return largest;
    }

    private static double factor(BackendNode node) {
        Particulars known = node.particulars();
        return known.weightPercent == 100 ? known.rampFactor : known.rampFactor * known.weightPercent / 100;
    }
}
