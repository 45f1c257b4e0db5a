package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.PickResult;

/** Opens connections to the backends of a pool before they take traffic. */
public interface BackendWarmer {
    /** Whether a backend may take traffic; if not, it is being made ready. */
    boolean isReady(Backend backend);

    /** Another pick instead of one that is not ready, if there is a ready one. */
    PickResult ready(PickResult first, RepeatablePick call);

    /** Begins as early as it can be known that a backend is about to take traffic. */
    void follow(LoadBalancerEvent event);
}
