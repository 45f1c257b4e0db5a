package dev.evenkeel.lb.core.internal.log;

import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Log of a state that may change often: at most one line in a period. A change after a quiet period is a line at once.
 * Of the changes in the period after a line, the last is one line at the period's end, with the number of changes.
 * Omitted lines are still written at the level DEBUG.
 *
 * <p>A logger that throws loses the line and does not affect the caller. Thread-safe; no lock is held while a line is
 * written.
 */
public final class StateLog {
    private final System.Logger logger;
    private final String subject;
    private final Duration period;
    private final TimeSource clock;
    private final Scheduler timers;

    // Guarded by this.
    private @Nullable Long writtenNanos;
    private int changes;
    private System.Logger.Level worst = System.Logger.Level.ALL;
    private @Nullable Supplier<String> last;

    /**
     * Creates a log without lines.
     *
     * @param logger where the lines go
     * @param subject the subject of the lines, such as {@code pool users}
     * @param period the least time between two lines
     * @param clock measures it
     * @param timers run at its end
     */
    public StateLog(System.Logger logger, String subject, Duration period, TimeSource clock, Scheduler timers) {
        this.logger = logger;
        this.subject = subject;
        this.period = period;
        this.clock = clock;
        this.timers = timers;
    }

    /**
     * Logs a change, now or at the end of the period.
     *
     * @param level its level; a line for several changes has their highest level
     * @param text the state, after the subject; evaluated when a line is written
     */
    public void log(System.Logger.Level level, Supplier<String> text) {
        Duration left;
        boolean first;
        synchronized (this) {
            long nowNanos = clock.nanoTime();
            left = writtenNanos == null ? Duration.ZERO : period.minusNanos(nowNanos - writtenNanos);
            first = changes == 0;
            changes++;
            last = text;
            worst = level.getSeverity() > worst.getSeverity() ? level : worst;
        }
        if (left.isNegative() || left.isZero()) {
            writeLast();
            return;
        }
        write(System.Logger.Level.DEBUG, text);
        if (first) {
            timers.schedule(this::writeLast, left);
        }
    }

    /** Writes the line that is due at the end of the period, if there is one. */
    public void writeLast() {
        Supplier<String> text;
        System.Logger.Level level;
        int number;
        synchronized (this) {
            text = last;
            level = worst;
            number = changes;
            last = null;
            worst = System.Logger.Level.ALL;
            changes = 0;
            if (text != null) {
                writtenNanos = clock.nanoTime();
            }
        }
        if (text != null) {
            Supplier<String> state = text;
            write(
                    level,
                    number == 1
                            ? state
                            : () -> state.get() + "; the last of " + number + " changes in " + period.toSeconds()
                                    + " s");
        }
    }

    private void write(System.Logger.Level level, Supplier<String> text) {
        try {
            if (logger.isLoggable(level)) {
                logger.log(level, subject + ": " + text.get());
            }
        } catch (RuntimeException | StackOverflowError e) {
            // The state is logged at its next change.
            return;
        }
    }
}
