package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.LimitedLog;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The lines that one pool writes into the log, each beginning with the pool's name. Each kind of line has a bound of
 * its own, so that many backends that fail do not keep out the line that none is left.
 */
public final class PoolLog {
    /** The logger of everything but decisions. */
    public static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    public static final Duration PERIOD = Duration.ofMinutes(1);
    public static final int MAX_LINES = 20;
    public static final int MAX_FAULTS = 5;

    /** About the pool as a whole. */
    private final LimitedLog pool;
    /** About backends that get worse. */
    private final LimitedLog troubles;
    /** About backends that come back, and what operators do with them. */
    private final LimitedLog news;
    /** About the application's code that has thrown, with stack traces. */
    private final LimitedLog faults;

    public PoolLog(String name, TimeSource clock, Scheduler timers) {
        String subject = "pool " + name;
        this.pool = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.troubles = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.news = new LimitedLog(LOG, subject, MAX_LINES, PERIOD, clock, timers);
        this.faults = new LimitedLog(LOG, subject, MAX_FAULTS, PERIOD, clock, timers);
    }

    /** Something about the pool as a whole. */
    public void pool(System.Logger.Level level, Supplier<String> text) {
        pool.log(level, text);
    }

    /** A backend is worse than before. */
    public void trouble(Supplier<String> text) {
        troubles.log(System.Logger.Level.WARNING, text);
    }

    /** A backend is better than before, or an operator has changed something. */
    public void news(Supplier<String> text) {
        news.log(System.Logger.Level.INFO, text);
    }

    /** The application's code has thrown, and this is all that comes of it unless the failure is the machine's. */
    void contained(Throwable failure, Supplier<String> text) {
        fault(failure, text);
        Containment.rethrowFatal(failure);
    }

    /** The application's code has thrown. */
    public void fault(Throwable failure, Supplier<String> text) {
        faults.log(System.Logger.Level.WARNING, text, failure);
    }

    /** Tells what has been left out so far. */
    public void close() {
        pool.tellLeftOut();
        troubles.tellLeftOut();
        news.tellLeftOut();
        faults.tellLeftOut();
    }
}
