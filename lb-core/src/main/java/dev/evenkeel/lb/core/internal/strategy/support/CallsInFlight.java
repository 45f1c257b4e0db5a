package dev.evenkeel.lb.core.internal.strategy.support;

import dev.evenkeel.lb.spi.Candidate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The calls in flight of all candidates together: their sum up to 64, beyond estimated from a sample of 8. */
public final class CallsInFlight {
    private static final int SCANNED = 64;
    private static final int SAMPLED = 8;

    private final Candidate[] candidates;
    private final RandomGenerator random;
    private final @Nullable StratifiedSampler sample;

    /**
     * Of these candidates.
     *
     * @param candidates must not be written any more
     */
    public CallsInFlight(Candidate[] candidates, RandomGenerator random) {
        this.candidates = candidates;
        this.random = random;
        this.sample = candidates.length > SCANNED ? new StratifiedSampler(candidates.length, SAMPLED) : null;
    }

    /** The calls in flight now, and the one that is being picked for. */
    public double ofAll() {
        int n = candidates.length;
        int calls = 0;
        if (sample == null) {
            for (Candidate candidate : candidates) {
                calls += candidate.inFlight();
            }
            return calls + 1.0;
        }
        long word = random.nextLong();
        int origin = RandomBits.below(word, n);
        for (int arc = 0; arc < sample.draws(); arc++) {
            word = RandomBits.next(word);
            calls += candidates[sample.draw(arc, origin, word)].inFlight();
        }
        return (double) calls * n / sample.draws() + 1;
    }
}
