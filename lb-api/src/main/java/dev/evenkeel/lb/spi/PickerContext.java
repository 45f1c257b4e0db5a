package dev.evenkeel.lb.spi;

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
