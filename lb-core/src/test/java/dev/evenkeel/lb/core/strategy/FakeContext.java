package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a picker is made from, with a seeded random generator and a clock that a test moves. */
public record FakeContext(
        List<Candidate> candidates,
        @Nullable Picker predecessor,
        @Nullable List<CandidateChange> changes,
        RandomGenerator random,
        TimeSource timeSource,
        PoolFigures figures)
        implements PickerContext {

    public FakeContext {
        candidates = List.copyOf(candidates);
    }

    /** A first picker's context: thread-safe randomness from the seed, a clock that stands, no figures. */
    public static FakeContext of(long seed, List<? extends Candidate> candidates) {
        return new FakeContext(List.copyOf(candidates), null, null, new Random(seed), () -> 0, new FakeFigures());
    }

    /** The context of the picker that replaces another, which does not know what has changed. */
    FakeContext next(Picker predecessor, List<? extends Candidate> candidates) {
        return next(predecessor, candidates, null);
    }

    FakeContext next(
            Picker predecessor, List<? extends Candidate> candidates, @Nullable List<CandidateChange> changes) {
        return new FakeContext(List.copyOf(candidates), predecessor, changes, random, timeSource, figures);
    }

    /** The figures of a pool, as a test sets them. */
    public static final class FakeFigures implements PoolFigures {
        public volatile double latencyNanos;
        public volatile double latencyP95Nanos;
        public volatile double latencyGapNanos;
        public volatile double calmness = 1;

        @Override
        public double latencyNanos() {
            return latencyNanos;
        }

        @Override
        public double latencyP95Nanos() {
            return latencyP95Nanos;
        }

        @Override
        public double latencyGapNanos() {
            return latencyGapNanos;
        }

        @Override
        public double calmness() {
            return calmness;
        }
    }
}
