package dev.evenkeel.lb.core.internal.log;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Log with a bounded rate: a maximum number of lines in a period, which begins with the first of them. The number of
 * omitted lines is logged when the period ends. Omitted lines are still written at the level DEBUG,
 * without their stack traces.
 *
 * <p>A logger that throws loses the line and does not affect the caller. Thread-safe; no lock is held while a line is
 * written.
 */
public final class LimitedLog {
    private final System.Logger logger;
    private final String subject;
    private final int maxLines;
    private final Duration period;
    private final TimeSource clock;
    private final Scheduler timers;

    // Guarded by this.
    private long sinceNanos;
    private int lines;
    private int leftOut;
    private System.Logger.@Nullable Level worst;

    /**
     * Creates a log without lines.
     *
     * @param logger where the lines go
     * @param subject the subject of the lines, such as {@code pool users}
     * @param maxLines the maximum number of lines in a period
     * @param period the period
     * @param clock measures it
     * @param timers run at its end
     */
    public LimitedLog(
            System.Logger logger, String subject, int maxLines, Duration period, TimeSource clock, Scheduler timers) {
        this.logger = logger;
        this.subject = subject;
        this.maxLines = maxLines;
        this.period = period;
        this.clock = clock;
        this.timers = timers;
    }

    /**
     * Writes a line, if the rate allows it.
     *
     * @param level its level
     * @param text what happened, after the subject; evaluated only for a line that is written
     */
    public void log(System.Logger.Level level, Supplier<String> text) {
        log(level, text, null);
    }

    /**
     * Writes a line with a stack trace, if the rate allows it.
     *
     * @param level its level
     * @param text what happened, after the subject; evaluated only for a line that is written
     * @param cause whose stack trace follows; null for none
     */
    public void log(System.Logger.Level level, Supplier<String> text, @Nullable Throwable cause) {
        try {
            if (logger.isLoggable(level)) {
                boolean isWritten = isWithinBound(level);
                write(isWritten ? level : System.Logger.Level.DEBUG, text, isWritten ? cause : null);
            }
        } catch (RuntimeException | StackOverflowError e) {
            leaveOut(level);
        }
    }

    private void write(System.Logger.Level level, Supplier<String> text, @Nullable Throwable cause) {
        if (logger.isLoggable(level)) {
            String line = subject + ": " + text.get();
            if (cause == null) {
                logger.log(level, line);
            } else {
                logger.log(level, line, cause);
            }
        }
    }

    private boolean isWithinBound(System.Logger.Level level) {
        boolean within;
        boolean overdue;
        boolean first;
        Duration left;
        synchronized (this) {
            long nowNanos = clock.nanoTime();
            boolean begins = lines == 0 || nowNanos - sinceNanos >= period.toNanos();
            if (begins) {
                sinceNanos = nowNanos;
                lines = 0;
            }
            overdue = begins && leftOut > 0;
            first = leftOut == 0;
            within = lines < maxLines;
            left = period.minusNanos(nowNanos - sinceNanos);
            if (within) {
                lines++;
            }
        }
        if (overdue) {
            tellLeftOut();
        }
        if (!within) {
            leaveOut(level);
            if (first) {
                timers.schedule(this::tellLeftOut, left);
            }
        }
        return within;
    }

    private synchronized void leaveOut(System.Logger.Level level) {
        leftOut++;
        if (worst == null || level.getSeverity() > worst.getSeverity()) {
            worst = level;
        }
    }

    /** Logs now how many lines were omitted, if any. */
    public void tellLeftOut() {
        int number;
        System.Logger.Level level;
        synchronized (this) {
            number = leftOut;
            level = worst;
            leftOut = 0;
            worst = null;
        }
        if (number > 0 && level != null) {
            String more = number == 1 ? "1 more line was" : number + " more lines were";
            logger.log(
                    level,
                    subject + ": " + more + " left out, as there were more than " + maxLines + " of this kind in "
                            + period.toSeconds() + " s");
        }
    }
}
