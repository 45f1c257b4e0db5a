package dev.evenkeel.lb.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Keeps what the logger {@code dev.evenkeel.lb} writes about one pool while it is open. */
public final class LogLines extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("dev.evenkeel.lb");
    private final Level before = logger.getLevel();
    private final String subject;
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    public LogLines(String subject) {
        this.subject = subject;
        logger.addHandler(this);
    }

    /** Writes down lines of a level that is off by default, too. */
    public LogLines from(Level level) {
        logger.setLevel(level);
        return this;
    }

    /** Level and text of each line. */
    public List<String> lines() {
        return records.stream()
                .filter(line -> line.getLevel().intValue() >= Level.INFO.intValue())
                .map(line -> line.getLevel() + " " + line.getMessage())
                .toList();
    }

    public List<LogRecord> records() {
        return records;
    }

    @Override
    public void publish(LogRecord line) {
        if (line.getMessage().contains(subject)) {
            records.add(line);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setLevel(before);
    }
}
