package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.file.WatchedFile;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Reloads a document's file when it changes, or a file that its placeholders name. The timer of all pools starts each look at the file, on a thread that ends
 * when it is idle. The next look starts one interval after the last has ended.
 */
final class ConfigFileWatcher implements AutoCloseable {
    private final Path path;
    private final WatchedFile file;
    private final ConfigReloader state;
    private final ExecutorService thread;

    private volatile boolean closed;

    // Guarded by this.
    private @Nullable Cancellable timer;
    /** Whether the document in force has no reload interval. */
    private boolean idle;

    ConfigFileWatcher(Path file, ConfigReloader state) {
        this(file, state, DaemonThreads.oneOnDemand(DaemonThreads.named("evenkeel-config"), Duration.ofSeconds(1)));
    }

    /** Takes the thread that looks at the file, and shuts it down at its end. */
    ConfigFileWatcher(Path file, ConfigReloader state, ExecutorService thread) {
        this.thread = thread;
        this.path = file;
        this.file = new WatchedFile(file, ConfigDocument::load);
        this.state = state;
        next();
    }

    private void look() {
        try {
            if (!closed) {
                state.look(this::read);
            }
        } finally {
            next();
        }
    }

    /** The document, if it or a file that it names has changed; null if not. */
    private byte @Nullable [] read() throws IOException {
        byte[] changed = file.look();
        return changed == null && state.haveSecretsChanged() ? ConfigDocument.load(path) : changed;
    }

    private synchronized void next() {
        Duration interval = state.reloadInterval();
        idle = interval.isZero();
        if (!closed && !idle) {
            timer = state.timers().schedule(this::begin, interval);
        }
    }

    /** Starts again if the document in force has a reload interval and the one before had none. */
    synchronized void resume() {
        if (idle) {
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
