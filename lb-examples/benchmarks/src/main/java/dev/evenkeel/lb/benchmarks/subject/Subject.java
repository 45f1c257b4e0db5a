package dev.evenkeel.lb.benchmarks.subject;

/** Something that chooses, ready to be measured. Called by as many threads as the benchmark has. */
@FunctionalInterface
public interface Subject extends AutoCloseable {

    /**
     * One choice; where the entry's mode says so, with the end of the call that it was for.
     *
     * @param requests the calling thread's requests
     * @return something that depends on the choice, so that no compiler can leave it out
     */
    Object choose(Requests requests);

    @Override
    default void close() {}
}
