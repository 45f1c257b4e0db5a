package dev.evenkeel.lb.core.internal.strategy.adaptive;

/**
 * A of the cost: the mean age of a backend's calls in flight relative to the 95th percentile of the pool's responses;
 * at least 1. A hang shows here long before its calls time out.
 */
final class QueueAgeFactor {

    private QueueAgeFactor() {}

    static double of(double meanWaitingNanos, double poolP95Nanos) {
        return meanWaitingNanos > poolP95Nanos && poolP95Nanos > 0 ? meanWaitingNanos / poolP95Nanos : 1;
    }
}
