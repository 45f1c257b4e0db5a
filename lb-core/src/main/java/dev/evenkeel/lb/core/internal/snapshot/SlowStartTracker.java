package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.topology.SlowStart;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Slow start: which backends ramp up, and how far each one is. Guarded by the registry's lock.
 *
 * <p>A ramp begins when a cold backend settles, that is, when it is good and not on trial any more, while other
 * backends are settled. The first backends of a pool, and backends that return to an empty pool, do not ramp: no other
 * backend could take the load meanwhile. Trials do not ramp: they have few calls, and a ramp would only prolong them.
 */
final class SlowStartTracker {
    /** The maximum number of steps of a ramp. */
    private static final int STEPS = 20;

    private static final Duration MIN_STEP = Duration.ofMillis(100);

    private final Supplier<PoolConfig> config;
    private boolean running;
    /** When the present step ends, if a ramp is running. */
    private long stepEndsNanos;

    private boolean stepEnded;
    /**
     * For a strategy that ignores weights: whether the admission of one backend depends on the weights of other
     * backends.
     */
    private boolean uneven;

    /** Begins without ramps. */
    SlowStartTracker(Supplier<PoolConfig> config) {
        this.config = config;
    }

    private SlowStart slowStart() {
        return config.get().slowStart();
    }

    /** Whether the strategy follows weights. */
    private boolean byWeight() {
        return config.get().strategy().usesWeights();
    }

    /** Whether a backend ramped at the last {@link #update}, so that another step is due after {@link #step}. */
    boolean running() {
        return running;
    }

    Duration step() {
        Duration step = slowStart().window().dividedBy(STEPS);
        return step.compareTo(MIN_STEP) < 0 ? MIN_STEP : step;
    }

    /** The present step is over: the next {@link #update} begins another one. */
    void endStep() {
        stepEnded = true;
    }

    /** Whether the current state of these backends affects further backends. */
    boolean concernOthers(List<BackendState> touched) {
        boolean byWeight = byWeight();
        boolean concern = running || uneven;
        for (BackendState node : touched) {
            concern |= slowStart().enabled() && node.isCold() && !node.isSettled() && isSettled(node);
            concern |= !byWeight && node.loadReport().weightPercent() != 100;
        }
        return concern;
    }

    /** Begins and ends ramps. */
    void update(List<BackendState> all, long nowNanos) {
        if (stepEnded || !running) {
            stepEndsNanos = nowNanos + step().toNanos();
            stepEnded = false;
        }
        // A factor is in force until the end of the step: what the ramp reaches in the middle of that time.
        long middleNanos = nowNanos + Math.max(0, stepEndsNanos - nowNanos) / 2;
        running = false;
        uneven = false;
        boolean othersSettled = false;
        for (BackendState node : all) {
            othersSettled |= node.isSettled() && isSettled(node);
        }
        for (BackendState node : all) {
            boolean settles = isSettled(node);
            if (!settles) {
                endRamp(node);
                node.cold(node.isCold()
                        || node.condition() != BackendCondition.WITHDRAWN
                        || node.adminState() == AdminState.MAINTENANCE);
            } else if (!node.isSettled()) {
                if (slowStart().enabled() && node.isCold() && othersSettled) {
                    node.ownRamp().begin(nowNanos);
                } else {
                    endRamp(node);
                }
                node.cold(false);
            } else if (node.ramp().isRamping()
                    && nowNanos - node.ramp().sinceNanos()
                            >= slowStart().window().toNanos()) {
                endRamp(node);
            }
            node.settled(settles);
            if (node.ramp().isRamping()) {
                running = true;
                node.ownRamp()
                        .factor(slowStart().factor(middleNanos - node.ramp().sinceNanos()));
            }
        }
    }

    private static void endRamp(BackendState node) {
        if (node.ramp().isRamping()) {
            node.ownRamp().end();
        }
    }

    private static boolean isSettled(BackendState node) {
        return node.condition().isGood() && !BackendCondition.isOnTrial(node);
    }

    /**
     * Applies ramps and reported weights to competing backends: as their weight, or, under a strategy that ignores
     * weights, as the share of requests that may choose them.
     *
     * @param zones scales the weights; null if the backends' zones do not
     */
    void apply(List<BackendState> competitors, @Nullable LocalityRouting zones) {
        boolean byWeight = byWeight();
        double largest = byWeight ? 1 : largestFactor(competitors);
        for (BackendState node : competitors) {
            int limit = node.mostInFlight();
            double rampFactor = node.ramp().factor();
            boolean limited = rampFactor < 1 && limit != Integer.MAX_VALUE;
            double factor = factor(node);
            uneven |= !byWeight && factor != 1;
            double weight = node.backend().weight() * (byWeight ? factor : 1);
            node.ramp(
                    zones == null ? weight : weight * zones.multiplier(node),
                    limited ? Math.max(1, (int) (limit * rampFactor)) : limit,
                    byWeight ? 1 : factor / largest);
        }
    }

    private static double largestFactor(List<BackendState> competitors) {
        double largest = 0;
        for (BackendState node : competitors) {
            largest = Math.max(largest, factor(node));
        }
        return largest;
    }

    private static double factor(BackendState node) {
        double rampFactor = node.ramp().factor();
        int percent = node.loadReport().weightPercent();
        return percent == 100 ? rampFactor : rampFactor * percent / 100;
    }
}
