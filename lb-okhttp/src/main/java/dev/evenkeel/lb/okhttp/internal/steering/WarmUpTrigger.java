package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.PickResult;

/** Opens connections to the backends of a pool before they take traffic. */
public interface WarmUpTrigger {
    /** Returns whether a backend may take traffic; if not, starts to open connections to it. */
    boolean isReady(Backend backend);

    /** Replaces a pick that is not ready by a ready one, if there is one. */
    PickResult ready(PickResult first, RepeatablePick call);

    /** Starts to open connections at the first event that says that a backend is about to take traffic. */
    void follow(LoadBalancerEvent event);
}
