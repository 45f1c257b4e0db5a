package dev.evenkeel.lb.core.internal.snapshot;

import org.jspecify.annotations.Nullable;

/** Source of a request's random numbers, which are equal for all requests of one affinity. */
public interface RequestRandom {

    /** The affinity of the request; null if it has none. */
    @Nullable
    Object affinity();

    /**
     * Returns a number that is derived from the affinity, or a random one without an affinity.
     *
     * @param salt makes several numbers of one request independent of each other
     * @return at least 0, less than 1
     */
    double random(int salt);
}
