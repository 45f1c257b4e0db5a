package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.PoolFigures;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a strategy makes a picker from. */
public interface PickerContext {

    /**
     * The candidates, in the order of the pool's list.
     *
     * @return at least one; immutable
     */
    List<Candidate> candidates();

    /**
     * The picker that this one will replace, so that a rotation goes on where it was.
     *
     * @return null for the first one of a pool, or of a tier
     */
    @Nullable
    Picker predecessor();

    /**
     * What differs from the list, and the weights, that the predecessor was made from: so that the picker of a large
     * pool can take over what its predecessor has worked out, and need not look at 10,000 candidates because one has
     * changed.
     *
     * @return in the order of the list; immutable; null if it is not known, or too much to be worth it: then all may
     *     differ
     */
    default @Nullable List<CandidateChange> changes() {
        return null;
    }

    /**
     * The pool's source of randomness.
     *
     * @return may be used by many threads at once
     */
    RandomGenerator random();

    /**
     * The pool's clock.
     *
     * @return the same for all pickers of a pool
     */
    TimeSource timeSource();

    /**
     * Figures of the whole pool.
     *
     * @return live; the same for all pickers of a pool
     */
    PoolFigures figures();
}
