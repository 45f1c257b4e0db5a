package dev.evenkeel.lb.core.internal.limit;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.List;

/** The pool as its admission control sees it: what chooses a backend once a call is admitted. */
public interface AdmittedPool {

    /** Chooses a backend, whether or not the pool itself has room; a lease is a {@link Permit}. */
    PickResult pick(RequestContext context);

    /** Why no backend could be picked, as of now. */
    Unavailable unavailable(List<Backend> tried, String detail);

    /** As {@link #unavailable}, without a look at each backend. */
    Unavailable unavailableAsAWhole(List<Backend> tried, String detail);

    /** Whether a backend takes calls. */
    boolean hasRoom();

    boolean isClosed();

    Cancellable schedule(Runnable task, Duration delay);

    long nanoTime();
}
