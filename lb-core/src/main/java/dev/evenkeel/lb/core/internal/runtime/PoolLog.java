package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.core.internal.log.LimitedLog;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Log lines of one pool, each beginning with the pool's name. Each kind of line has its own bound, so that many failing
 * backends do not suppress the line that no backend is left.
 */
public final class PoolLog {
    /** The logger for everything except decisions. */
    public static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    public static final Duration PERIOD = Duration.ofMinutes(1);
    public static final int MAX_LINES = 20;
    public static final int MAX_FAULTS = 5;

    /** Lines about the pool as a whole. */
    private final LimitedLog pool;
    /** Lines about backends that get worse. */
    private final LimitedLog troubles;
    /** Lines about backends that recover, and about an operator's changes. */
    private final LimitedLog news;
    /** Lines about a discovery that fails: one in a period, since a source may fail and work by turns. */
    private final LimitedLog failures;
    /** Lines about a discovery that works again. */
    private final LimitedLog recoveries;
    /** Lines about application code that has thrown, with stack traces. */
    private final LimitedLog faults;

    private final LongAdder faultCount = new LongAdder();

    public PoolLog(String name, TimeSource clock, Scheduler timers) {
        String subject = "pool " + name;
        this.pool = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.troubles = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.news = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.failures = new LimitedLog(LOG, subject, 1, PERIOD, clock, timers);
        this.recoveries = new LimitedLog(LOG, subject, 1, PERIOD, clock, timers);
        this.faults = new LimitedLog(LOG, subject, MAX_FAULTS, PERIOD, clock, timers);
    }

    /** Logs a line about the pool as a whole. */
    public void pool(System.Logger.Level level, Supplier<String> text) {
        pool.log(level, text);
    }

    /** Logs that a backend is worse than before. */
    public void trouble(Supplier<String> text) {
        troubles.log(System.Logger.Level.WARNING, text);
    }

    /** Logs that a backend is better than before, or that an operator has changed something. */
    public void news(Supplier<String> text) {
        news.log(System.Logger.Level.INFO, text);
    }

    /** Logs that discovery has begun to fail. */
    public void discoveryFails(Supplier<String> text) {
        failures.log(System.Logger.Level.WARNING, text);
    }

    /** Logs that discovery has ceased to fail. */
    public void discoveryWorks(Supplier<String> text) {
        recoveries.log(System.Logger.Level.INFO, text);
    }

    /** Logs that application code has thrown, and counts it. */
    public void fault(Throwable failure, Supplier<String> text) {
        countFault();
        faults.log(System.Logger.Level.WARNING, text, failure);
    }

    /** Counts a fault of application code that is logged elsewhere, or was logged before. */
    public void countFault() {
        faultCount.increment();
    }

    /** How often application code has thrown. */
    public long faultCount() {
        return faultCount.sum();
    }

    /** Logs how many lines were omitted so far. */
    public void close() {
        pool.tellLeftOut();
        troubles.tellLeftOut();
        news.tellLeftOut();
        failures.tellLeftOut();
        recoveries.tellLeftOut();
        faults.tellLeftOut();
    }
}
