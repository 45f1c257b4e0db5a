package dev.evenkeel.lb.core.internal.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.HealthCheck;

/**
 * A health check that begins without waiting, so that the pool's timer can begin it. To hand each over to another thread would
 * cost half as much as a TCP check itself.
 */
public interface PromptHealthCheck extends HealthCheck {

    /**
     * Whether {@link #check} of a backend returns at once, whatever the network does.
     *
     * @param backend the backend
     * @return false if it might block, such as for a host name that has to be looked up
     */
    boolean isPrompt(Backend backend);
}
