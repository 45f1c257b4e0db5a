package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.LoadReport;

/**
 * What a server reports of the last second, as ORCA has it: requests and errors per second, and the share of the time of its
 * workers that was in use. It counts in steps of 100 ms, so a report is of ten whole steps.
 */
final class LoadMeter {

    private static final int STEPS = 10;
    private static final long STEP_NANOS = Scenario.SECOND / STEPS;

    private final int workers;
    /** The step under way has the index of its number modulo the length. */
    private final long[] busyNanos = new long[STEPS + 1];

    private final int[] requests = new int[STEPS + 1];
    private final int[] errors = new int[STEPS + 1];
    private long step;
    private int busyWorkers;
    private long busySinceNanos;
    private LoadReport report = LoadReport.builder().build();

    LoadMeter(int workers) {
        this.workers = workers;
    }

    /** From now on so many workers are busy. */
    void busy(int busy, long nowNanos) {
        advance(nowNanos);
        busyWorkers = busy;
    }

    /** A request has been served. */
    void served(long nowNanos) {
        advance(nowNanos);
        requests[place(step)]++;
    }

    /** A request has failed, which took a worker so long. */
    void failed(long workNanos, long nowNanos) {
        advance(nowNanos);
        requests[place(step)]++;
        errors[place(step)]++;
        busyNanos[place(step)] += workNanos;
    }

    LoadReport report(long nowNanos) {
        advance(nowNanos);
        return report;
    }

    private void advance(long nowNanos) {
        long current = nowNanos / STEP_NANOS;
        boolean next = current > step;
        while (step < current) {
            addBusy((step + 1) * STEP_NANOS);
            step++;
            busyNanos[place(step)] = 0;
            requests[place(step)] = 0;
            errors[place(step)] = 0;
        }
        addBusy(nowNanos);
        if (next) {
            report = lastSecond();
        }
    }

    private void addBusy(long untilNanos) {
        busyNanos[place(step)] += busyWorkers * (untilNanos - busySinceNanos);
        busySinceNanos = untilNanos;
    }

    private LoadReport lastSecond() {
        long busy = 0;
        int served = 0;
        int failed = 0;
        for (int i = 0; i <= STEPS; i++) {
            if (i != place(step)) {
                busy += busyNanos[i];
                served += requests[i];
                failed += errors[i];
            }
        }
        return LoadReport.builder()
                .qps(served)
                .eps(failed)
                .applicationUtilization((double) busy / workers / Scenario.SECOND)
                .build();
    }

    private static int place(long step) {
        return (int) (step % (STEPS + 1));
    }
}
