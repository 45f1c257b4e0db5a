package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.core.SharedScheduler;
import dev.evenkeel.lb.core.config.form.ConfigDocument;
import dev.evenkeel.lb.core.file.WatchedFile;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a document's file: timed by the timer of all pools, on a thread that is there for as long as a look takes. One look at
 * a time; the next one is due an interval after the last.
 */
final class ConfigWatch implements AutoCloseable {
    private final WatchedFile file;
    private final ConfigState state;
    private final SharedScheduler scheduler = new SharedScheduler();
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread made = new Thread(task, "evenkeel-config");
                made.setDaemon(true);
                return made;
            });

    private volatile boolean closed;
    private volatile @Nullable Cancellable timer;

    ConfigWatch(Path file, ConfigState state) {
        this.file = new WatchedFile(file, ConfigDocument::load);
        this.state = state;
        next();
    }

    private void look() {
        try {
            byte[] news = file.look();
            if (news != null && !closed) {
                state.reloadOrTell(news);
            }
        } catch (IOException e) {
            state.refused(e);
        } finally {
            next();
        }
    }

    private void next() {
        Duration interval = state.reloadInterval();
        if (closed || interval.isZero()) {
            return;
        }
        timer = scheduler.schedule(this::begin, interval);
        if (closed) {
            close();
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
    public void close() {
        closed = true;
        Cancellable pending = timer;
        if (pending != null) {
            pending.cancel();
        }
        thread.shutdown();
        scheduler.close();
    }
}
