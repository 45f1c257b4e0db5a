package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a list is made of a stream's changes: at once, unless more of them are arriving and the last list was made
 * a moment ago. A single change does not wait, and ten thousand do not make ten thousand lists. How many lists a pool is
 * told is bounded by {@link ListPublisher}.
 */
public final class UpdateCoalescer {
    private static final long BUSY_NANOS = Duration.ofMillis(100).toNanos();

    private final RegistryWatch watch;
    private final BooleanSupplier hasMore;
    private final Listed list;
    private boolean due;
    private @Nullable Long lastNanos;

    /**
     * Creates one.
     *
     * @param hasMore whether more of the stream has arrived already
     */
    public UpdateCoalescer(RegistryWatch watch, BooleanSupplier hasMore, Listed list) {
        this.watch = watch;
        this.hasMore = hasMore;
        this.list = list;
    }

    public void changed() {
        due = true;
    }

    public void whenQuiet() throws IOException {
        if (due && !(hasMore.getAsBoolean() && lastNanos != null && watch.nanoTime() - lastNanos < BUSY_NANOS)) {
            now();
        }
    }

    public void now() throws IOException {
        if (due) {
            due = false;
            watch.found(list.listing());
            lastNanos = watch.nanoTime();
        }
    }

    /** Makes the list to publish. */
    @FunctionalInterface
    public interface Listed {
        InstanceList listing() throws IOException;
    }
}
