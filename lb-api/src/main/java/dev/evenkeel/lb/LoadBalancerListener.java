package dev.evenkeel.lb;

/**
 * Receives events. Called in order, one at a time for each pool, outside of every lock, on the thread that caused the
 * event: it must return soon. What it throws is logged and otherwise ignored.
 */
@FunctionalInterface
public interface LoadBalancerListener {

    /**
     * Something happened.
     *
     * @param event what
     */
    void onEvent(LoadBalancerEvent event);
}
