package dev.evenkeel.lb.core.internal.strategy.adaptive;

/**
 * A of the cost: how old what a backend has in flight is, beside the 95th percentile of the pool's answers; at least 1.
 * A hang shows here long before its calls time out.
 */
final class QueueAgeFactor {

    private QueueAgeFactor() {}

    static double of(double meanWaitingNanos, double poolP95Nanos) {
        return meanWaitingNanos > poolP95Nanos && poolP95Nanos > 0 ? meanWaitingNanos / poolP95Nanos : 1;
    }
}
