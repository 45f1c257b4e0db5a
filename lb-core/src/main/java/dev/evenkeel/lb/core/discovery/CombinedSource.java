package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** State of one source of a {@link CompositeDiscovery}, which guards it. */
final class CombinedSource {
    private @Nullable List<Backend> list;
    private boolean hasSpoken;
    private boolean failing = true;
    private boolean timedOut;
    private @Nullable Cancellable timer;

    /** The last good list; null if there has been none. */
    @Nullable
    List<Backend> list() {
        return list;
    }

    /** Whether the source has delivered no result yet, and may still do so. */
    boolean isAwaited() {
        return !hasSpoken && !timedOut;
    }

    boolean hasFailed() {
        return failing && timedOut;
    }

    void heard(List<Backend> heard) {
        list = heard;
        hasSpoken = true;
        failing = false;
        timedOut = false;
        stopTimer();
    }

    /** Returns whether the failure is the first after a list. */
    boolean failed() {
        hasSpoken = true;
        boolean first = !failing;
        failing = true;
        return first;
    }

    /** Sets the timer at whose end the source has failed if it still fails. */
    void timer(Cancellable running) {
        timer = running;
    }

    void timerEnded() {
        timedOut = failing;
    }

    void stopTimer() {
        Cancellable running = timer;
        if (running != null) {
            running.cancel();
            timer = null;
        }
    }
}
