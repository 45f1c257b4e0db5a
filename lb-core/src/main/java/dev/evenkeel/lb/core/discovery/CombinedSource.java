package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import org.jspecify.annotations.Nullable;

/** State of one source of a {@link CompositeDiscovery}, which guards it. */
final class CombinedSource {
    private @Nullable SourceList list;
    private boolean hasSpoken;
    private boolean failing = true;
    private boolean timedOut;
    private @Nullable Cancellable timer;

    /** The last good list; null if there has been none. */
    @Nullable
    SourceList list() {
        return list;
    }

    /** Whether the source has delivered no result yet, and may still do so. */
    boolean isAwaited() {
        return !hasSpoken && !timedOut;
    }

    boolean hasFailed() {
        return failing && timedOut;
    }

    void heard(SourceList heard) {
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
