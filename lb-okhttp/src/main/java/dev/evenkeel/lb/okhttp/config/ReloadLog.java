package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.log.LimitedLog;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The lines about reloads: one for each, and a cause that is refused again and again once. At most 20 a minute. */
final class ReloadLog {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private static final int MAX_LINES = 20;
    private static final Duration PERIOD = Duration.ofMinutes(1);
    /** The maximum number of characters of a refusal. */
    private static final int MAX_CHARACTERS = 2_000;

    private final LimitedLog lines;
    /** The latest refusal, as it was logged. */
    private volatile @Nullable String refusal;

    ReloadLog(String name, Scheduler timers) {
        lines = new LimitedLog(LOG, name, MAX_LINES, PERIOD, TimeSource.system(), timers);
    }

    void applied(Set<String> changed) {
        lines.log(System.Logger.Level.INFO, () -> "another configuration is in force; changed: " + changed);
    }

    /** The document can be used: a refusal after it is told, even if it is the one before. */
    void accepted() {
        refusal = null;
    }

    /** Logs a refusal; false if it was the latest one that was logged. */
    boolean refused(Exception cause) {
        String text = String.valueOf(cause);
        if (text.equals(refusal)) {
            return false;
        }
        refusal = text;
        String why = cause instanceof ConfigException faulty ? faulty.summary() : text;
        lines.log(
                System.Logger.Level.WARNING,
                () -> "the configuration in force stays, since the changed one is refused: "
                        + Printable.of(why, MAX_CHARACTERS));
        return true;
    }

    /** Logs how many lines were omitted so far. */
    void close() {
        lines.tellLeftOut();
    }
}
