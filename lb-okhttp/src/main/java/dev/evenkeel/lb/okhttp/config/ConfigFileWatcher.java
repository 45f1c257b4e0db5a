package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.file.WatchedFile;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a document's file: timed by the timer of all pools, on a thread that is there for as long as a look takes.
 * One look at a time; the next one is due an interval after the last.
 */
final class ConfigFileWatcher implements AutoCloseable {
    private final WatchedFile file;
    private final ConfigReloader state;
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread made = new Thread(task, "evenkeel-config");
                made.setDaemon(true);
                return made;
            });

    private volatile boolean closed;

    // Guarded by this.
    private @Nullable Cancellable timer;
    /** Whether the document in force wants no looks. */
    private boolean resting;

    ConfigFileWatcher(Path file, ConfigReloader state) {
        this.file = new WatchedFile(file, ConfigDocument::load);
        this.state = state;
        next();
    }

    private void look() {
        try {
            if (!closed) {
                state.look(file::look);
            }
        } finally {
            next();
        }
    }

    private synchronized void next() {
        Duration interval = state.reloadInterval();
        resting = interval.isZero();
        if (!closed && !resting) {
            timer = state.timers().schedule(this::begin, interval);
        }
    }

    /** Another document is in force: perhaps one that wants looks, while the one before did not. */
    synchronized void resume() {
        if (resting) {
            next();
        }
    }

    private void begin() {
        try {
            thread.execute(this::look);
        } catch (RejectedExecutionException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
        thread.shutdown();
    }
}
