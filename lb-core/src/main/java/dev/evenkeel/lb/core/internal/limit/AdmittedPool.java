package dev.evenkeel.lb.core.internal.limit;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.List;

/** The pool as seen by its {@link AdmissionController}: chooses a backend once a call is admitted. */
public interface AdmittedPool {

    /** Chooses a backend without checking the pool's own limit. The lease is a {@link Permit}. */
    PickResult pick(RequestContext context);

    /** The reason why no backend can be picked now. */
    Unavailable unavailable(List<Backend> tried, String detail);

    /** As {@link #unavailable}, but without inspecting each backend. */
    Unavailable unavailableAsAWhole(List<Backend> tried, String detail);

    /** Whether a backend takes calls. */
    boolean hasRoom();

    boolean isClosed();

    Cancellable schedule(Runnable task, Duration delay);

    long nanoTime();
}
