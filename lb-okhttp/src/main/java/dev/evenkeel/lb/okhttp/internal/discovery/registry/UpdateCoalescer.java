package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a stream's changes are published: at once, unless more of them are arriving and the last publication was
 * a moment ago. A single change does not wait, and ten thousand do not make ten thousand lists.
 *
 * <p>Nor does an entry that flaps without an end: after {@value #MAX_AT_ONCE} publications, which come back one in half
 * a second, the stream is read on only when the next one is due. What changes meanwhile is published together.
 */
public final class UpdateCoalescer {
    static final int MAX_AT_ONCE = 20;
    private static final long BUSY_NANOS = Duration.ofMillis(100).toNanos();
    private static final long PACE_NANOS = Duration.ofMillis(500).toNanos();

    private final RegistryWatch watch;
    private final JsonLinesReader lines;
    private final Listed list;
    private boolean due;
    private @Nullable Long lastNanos;
    /** When all publications that were made would have come back. */
    private @Nullable Long paidNanos;

    public UpdateCoalescer(RegistryWatch watch, JsonLinesReader lines, Listed list) {
        this.watch = watch;
        this.lines = lines;
        this.list = list;
    }

    public void changed() {
        due = true;
    }

    public void whenQuiet() throws IOException {
        if (due && !(lines.hasMore() && lastNanos != null && watch.nanoTime() - lastNanos < BUSY_NANOS)) {
            watch.rest(Duration.ofNanos(Math.max(0, debtNanos() - (MAX_AT_ONCE - 1) * PACE_NANOS)));
            now();
        }
    }

    public void now() throws IOException {
        if (due) {
            due = false;
            watch.found(list.listing());
            lastNanos = watch.nanoTime();
            paidNanos = lastNanos + debtNanos() + PACE_NANOS;
        }
    }

    /** How long it takes until all publications that were made have come back. */
    private long debtNanos() {
        return paidNanos == null ? 0 : Math.max(0, paidNanos - watch.nanoTime());
    }

    /** Makes the list to publish. */
    @FunctionalInterface
    public interface Listed {
        InstanceList listing() throws IOException;
    }
}
