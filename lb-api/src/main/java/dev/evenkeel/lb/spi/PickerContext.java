package dev.evenkeel.lb.spi;

import dev.evenkeel.lb.PoolFigures;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The input of a strategy that creates a picker. */
public interface PickerContext {

    /**
     * The candidates, in the order of the pool's list.
     *
     * @return at least one; immutable
     */
    List<Candidate> candidates();

    /**
     * The picker that the new one replaces, so that a rotation can continue.
     *
     * @return null for the first one of a pool, or of a tier
     */
    @Nullable
    Picker predecessor();

    /**
     * The differences from the list and the weights of the predecessor, so that the picker of a large pool can copy the
     * predecessor's data and need not read 10,000 candidates because one has changed.
     *
     * @return in the order of the list; immutable; null if unknown or too many: then all may differ
     */
    default @Nullable List<CandidateChange> changes() {
        return null;
    }

    /**
     * The pool's random generator.
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
     * Statistics of the whole pool.
     *
     * @return live; the same for all pickers of a pool
     */
    PoolFigures figures();

    /**
     * Queues work that the new picker can do without for a while, such as a large table: a pool changes under a lock, and a
     * picker that takes long to make would hold it. Until the work is done the picker may use its predecessor's data. To be
     * called while the picker is made.
     *
     * @param work runs without the lock, and once, unless an error of the virtual machine ends it: then again. After a
     *     requested change it runs before the change returns, after an observation, such as a failed check, or a list of a
     *     discovery on a thread of Evenkeel's, for about a tenth of the time; in a pool with a clock of its own, in the
     *     thread that saw it. Work that still waits, by {@code equals}, is not queued again. By default it runs at once
     */
    default void afterPublication(Runnable work) {
        work.run();
    }
}
