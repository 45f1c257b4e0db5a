package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.RequestContext;

/** One request for a backend, as a picker sees it. Valid only during {@link Picker#pick}. */
public interface PickRequest extends RequestContext {

    /**
     * Whether a candidate may be chosen for this request: it {@linkplain Candidate#isAvailable is available} and was
     * not tried in this call. A picker must ask this of the candidate that it returns.
     *
     * @param candidate one of the picker's candidates
     * @return true if it may
     */
    boolean accepts(Candidate candidate);

    /**
     * The time of this request, read once for the whole pick.
     *
     * @return nanoseconds on the pool's {@link TimeSource}
     */
    long nowNanos();
}
