package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.file.WatchedFile;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.ReportedFaults;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Discovery from a file, which is checked at intervals: its real path (so that a symbolic link with another target
 * counts), identity, size and time. A file that cannot be read or whose content is refused is an error, reported once,
 * and changes nothing.
 *
 * <p>Write a new file beside it and rename it over the old one. A file that is written in place may be read
 * half-written: an error until the next check.
 */
public final class FileDiscovery implements BackendDiscovery {
    /** The maximum size of the file: 16 MiB. */
    public static final int MAX_BYTES = 16 << 20;

    private final Path file;
    private final Format format;
    private final Duration interval;

    private FileDiscovery(Path file, Format format, Duration interval) {
        this.file = file;
        this.format = format;
        this.interval = interval;
    }

    /**
     * A file in a format of one's own. For JSON see {@code PoolDocument.backends}.
     *
     * @param file need not exist yet
     * @param format reads it
     * @return checked every 2 s
     */
    public static FileDiscovery of(Path file, Format format) {
        return new FileDiscovery(file, format, Duration.ofSeconds(2));
    }

    /**
     * The same source with another interval.
     *
     * @param interval from one check to the next, 10 ms to 1 h; default 2 s
     * @return a copy
     */
    public FileDiscovery withInterval(Duration interval) {
        if (interval.compareTo(Duration.ofMillis(10)) < 0 || interval.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("file interval must be PT0.01S to PT1H: " + interval);
        }
        return new FileDiscovery(file, format, interval);
    }

    /** Parses the content of a file into a list. */
    @FunctionalInterface
    public interface Format {
        /**
         * Reads a list.
         *
         * @param content at most {@link #MAX_BYTES}
         * @return the backends
         * @throws IllegalArgumentException if anything is wrong with it
         */
        List<Backend> read(byte[] content);
    }

    @Override
    public Watch start(Receiver receiver) {
        Running running = new Running(receiver);
        receiver.executor().execute(running::look);
        return running;
    }

    @Override
    public String toString() {
        return file.toString();
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] read = in.readNBytes(MAX_BYTES + 1);
            if (read.length > MAX_BYTES) {
                throw new IOException("it has more than " + MAX_BYTES + " bytes");
            }
            return read;
        }
    }

    /** Checks the file, one check at a time; the next one is due an interval after the last. */
    private final class Running implements Watch {
        private final Receiver receiver;
        private volatile boolean closed;
        private volatile @Nullable Cancellable timer;

        private final WatchedFile watched = new WatchedFile(file, FileDiscovery::read);
        private final ReportedFaults faults;

        Running(Receiver receiver) {
            this.receiver = receiver;
            this.faults = new ReportedFaults(receiver.timeSource());
        }

        private void look() {
            try {
                byte[] news = closed ? null : watched.look();
                if (news != null) {
                    tell(news);
                }
            } catch (IOException e) {
                tell(new IOException("cannot read the list of backends in " + file + ": " + e, e));
            } finally {
                next();
            }
        }

        private void tell(byte[] read) {
            List<Backend> backends;
            try {
                backends = format.read(read);
            } catch (RuntimeException | Error e) {
                Containment.rethrowFatal(e);
                tell(e);
                return;
            }
            faults.worked();
            receiver.backends(backends);
        }

        private void tell(Throwable cause) {
            if (!closed && faults.failed(String.valueOf(cause.getMessage()))) {
                receiver.error(cause);
            }
        }

        private void next() {
            if (!closed) {
                timer = receiver.scheduler().schedule(() -> receiver.executor().execute(this::look), interval);
                if (closed) {
                    close();
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
        }
    }
}
