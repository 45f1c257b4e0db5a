package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;

/** Assigns hashes to backends, with an order of further backends. Immutable; allocates nothing. */
public interface KeyPlacement {

    /** The position at which the search for a hash begins. */
    long locate(long hash);

    /** The owner of a position, as an index into the backends. */
    int owner(long place);

    /** The next position of the search. */
    long next(long place);

    /** Creates placements; two equal layouts create equal ones. */
    interface Layout {

        /**
         * Lays out backends.
         *
         * @param ids at least one, distinct and sorted
         * @param weights one per backend, greater than 0 and finite
         */
        KeyPlacement place(String[] ids, Weights weights);

        /** Whether that takes a millisecond or two, as long as there are few ids. */
        boolean isQuick(Weights weights);
    }
}
