package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import org.jspecify.annotations.Nullable;

/** What a backend has said of itself when it was polled. Written by {@code LoadReportPoller} only. */
public final class LoadReportState {
    /** Of a backend that has never reported. */
    public static final LoadReportState NONE = new LoadReportState();

    private @Nullable Cancellable poller;
    private int weightPercent = 100;
    private int maxInFlight;
    private @Nullable String downBecause;

    /** The poller of the present start; null if the backend is not polled. */
    public @Nullable Cancellable poller() {
        return poller;
    }

    /** In percent of the configured weight; 100 if the backend reports none. */
    public int weightPercent() {
        return weightPercent;
    }

    /** Replaces the configured limit; 0 if the backend reports none. */
    public int maxInFlight() {
        return maxInFlight;
    }

    /** Null unless the backend reports that it is down. */
    public @Nullable String downBecause() {
        return downBecause;
    }

    /** Forgets the reports, not the poller. */
    public void forget() {
        weightPercent = 100;
        maxInFlight = 0;
        downBecause = null;
    }

    public void poller(@Nullable Cancellable running) {
        poller = running;
    }

    public void weightPercent(int percent) {
        weightPercent = percent;
    }

    public void maxInFlight(int most) {
        maxInFlight = most;
    }

    public void downBecause(@Nullable String cause) {
        downBecause = cause;
    }
}
