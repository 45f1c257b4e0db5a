package dev.evenkeel.lb;

/**
 * Receives events. Called in order, one at a time for each pool, outside of every lock, on the thread that caused the
 * event: it must return soon. An exception is logged and otherwise ignored.
 */
@FunctionalInterface
public interface LoadBalancerListener {

    /**
     * Called for each event.
     *
     * @param event the event
     */
    void onEvent(LoadBalancerEvent event);
}
