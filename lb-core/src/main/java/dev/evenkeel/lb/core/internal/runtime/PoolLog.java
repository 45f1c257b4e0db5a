package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.core.internal.log.LimitedLog;
import dev.evenkeel.lb.core.internal.log.StateLog;
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
    /** Lines about discovery: one in a period, since a source or an entry may be good and bad by turns. */
    private final StateLog discovery;
    /** Lines about application code that has thrown, with stack traces. */
    private final LimitedLog faults;

    private final LongAdder faultCount = new LongAdder();

    public PoolLog(String name, TimeSource clock, Scheduler timers) {
        String subject = "pool " + name;
        this.pool = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.troubles = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.news = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.discovery = new StateLog(LOG, subject, PERIOD, clock, timers);
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

    /** Logs that discovery has begun to fail, or fails in part. */
    public void discoveryFails(Supplier<String> text) {
        discovery.log(System.Logger.Level.WARNING, text);
    }

    /** Logs that discovery has ceased to fail. */
    public void discoveryWorks(Supplier<String> text) {
        discovery.log(System.Logger.Level.INFO, text);
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

    /** Logs what the end of the period would: how many lines were omitted so far, and the state of discovery. */
    public void close() {
        pool.tellLeftOut();
        troubles.tellLeftOut();
        news.tellLeftOut();
        discovery.writeLast();
        faults.tellLeftOut();
    }
}
