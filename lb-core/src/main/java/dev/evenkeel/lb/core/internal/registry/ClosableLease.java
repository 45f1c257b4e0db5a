package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An open lease whose holder has said how its exchange is ended. Compared by identity. */
public interface ClosableLease {

    /** The backend of the lease. */
    BackendState node();

    /** When the lease was acquired. */
    long startNanos();

    /** Takes the closer, which must run then: only the first caller gets it. Null if another one has, or there is none. */
    @Nullable
    Consumer<StreamClosedException> takeCloser();
}
