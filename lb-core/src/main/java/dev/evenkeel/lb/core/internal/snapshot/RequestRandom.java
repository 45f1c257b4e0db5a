package dev.evenkeel.lb.core.internal.snapshot;

import org.jspecify.annotations.Nullable;

/** The random numbers of one request: the same for all requests of one affinity. */
public interface RequestRandom {

    /** What ties the request to others; null if nothing does. */
    @Nullable
    Object affinity();

    /**
     * A number that follows from the affinity, or a random one without it.
     *
     * @param salt makes the numbers of one request independent of each other
     * @return at least 0, less than 1
     */
    double random(int salt);
}
