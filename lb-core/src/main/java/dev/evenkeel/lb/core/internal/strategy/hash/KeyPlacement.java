package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;

/** Which backend owns which hash, and who is asked after it. Immutable; no allocation. */
public interface KeyPlacement {

    /** Where the search for a hash begins. */
    long locate(long hash);

    /** The owner there, as an index into the backends. */
    int owner(long place);

    /** Where the search goes on. */
    long next(long place);

    /** Makes placements; two equal layouts make equal ones. */
    interface Layout {

        /**
         * Lays out backends.
         *
         * @param ids at least one, distinct and sorted
         * @param weights one each, greater than 0 and finite
         */
        KeyPlacement place(String[] ids, Weights weights);
    }
}
