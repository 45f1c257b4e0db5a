package dev.evenkeel.lb.spi;

/**
 * A candidate that has joined, left, or changed its weight.
 *
 * @param candidate which
 * @param weightBefore its effective weight in the predecessor's list; 0 if it was not in it
 * @param weight its effective weight now; 0 if it is not in the list any more
 */
public record CandidateChange(Candidate candidate, double weightBefore, double weight) {

    /**
     * Whether the predecessor did not have it.
     *
     * @return true if it is new in the list
     */
    public boolean joins() {
        return weightBefore == 0;
    }

    /**
     * Whether the predecessor had it and the new list does not.
     *
     * @return true if it has left
     */
    public boolean leaves() {
        return weight == 0;
    }
}
