package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A whole cycle kept as an array, for lists that are too long to play {@link SmoothCycle}'s: the k-th of a candidate's w turns is
 * at (k + phase)/w of the cycle, with a random phase each. What a candidate has had is within one turn of its share of the way
 * round, and one within a few hundredths of its share of the turns.
 *
 * <p>A pick is one count and one look-up, whatever the weights; {@link PhasedStride} takes several of its turns for a pick, and a
 * division each. A turn takes 8 bytes. Where a few candidates change, the turns of the others are copied as they are.
 */
final class SpacedCycle implements Sequence {
    static final int MAX_TURNS = 1 << 16;
    private static final int INDEX_BITS = 17;
    private static final long INDEX = (1L << INDEX_BITS) - 1;

    private final Candidate[] candidates;
    /** Ascending: at which part of the cycle a turn is in the upper bits, whose it is in the lower. */
    private final long[] turns;

    private final AtomicInteger counter;
    /** One a candidate, so that it keeps its place in the cycle when others change. */
    private final double[] phases;
    /** The weight of one turn. */
    private final long unit;

    private SpacedCycle(Candidate[] candidates, long[] turns, int start, double[] phases, long unit) {
        this.candidates = candidates;
        this.turns = turns;
        this.counter = new AtomicInteger(start);
        this.phases = phases;
        this.unit = unit;
    }

    /** What the weights have in common, the weight of one turn; 0 if they are not whole or the cycle is too long. */
    private static long unit(double[] weights) {
        long unit = 0;
        double sum = 0;
        for (double weight : weights) {
            if (weight != Math.rint(weight) || weight > Integer.MAX_VALUE) {
                return 0;
            }
            if (unit != 1 && weight != unit) {
                unit = divisor((long) weight, unit);
            }
            sum += weight;
        }
        return sum / unit <= MAX_TURNS ? unit : 0;
    }

    private static long divisor(long a, long b) {
        return b == 0 ? a : divisor(b, a % b);
    }

    /**
     * The cycle for some weights, which goes on at the turn that the previous one would have taken.
     *
     * @return null if the weights are not whole, or the cycle is too long
     */
    static @Nullable SpacedCycle of(
            Candidate[] candidates,
            double[] weights,
            RandomGenerator random,
            @Nullable Sequence previous,
            Takeover takeover) {
        SpacedCycle before = previous instanceof SpacedCycle spaced ? spaced : null;
        if (before != null && takeover.isKnown()) {
            SpacedCycle amended = before.amended(candidates, weights, random, takeover);
            if (amended != null) {
                return amended;
            }
        }
        long unit = unit(weights);
        if (unit == 0) {
            return null;
        }
        double[] phases =
                before == null ? random.doubles(candidates.length).toArray() : before.phases(candidates, random);
        long[] turns = cycle(weights, unit, phases);
        int start = before == null ? random.nextInt(turns.length) : before.place(turns);
        return new SpacedCycle(candidates, turns, start, phases, unit);
    }

    /** With the turns of the others as they are, and those of the changed ones among them; null if these need another unit. */
    private @Nullable SpacedCycle amended(
            Candidate[] now, double[] weights, RandomGenerator random, Takeover takeover) {
        double[] nowPhases = new double[now.length];
        takeover.copy(phases, nowPhases);
        int[] changed = takeover.changed();
        long added = 0;
        for (int k = 0; k < changed.length; k++) {
            int origin = takeover.origin(k);
            nowPhases[changed[k]] = origin < 0 ? random.nextDouble() : phases[origin];
            double share = weights[changed[k]] / unit;
            added = share == Math.rint(share) && share <= MAX_TURNS ? added + (long) share : Integer.MAX_VALUE;
        }
        if (turns.length + added > 2L * MAX_TURNS) {
            return null;
        }
        long[] others = new long[(int) added];
        int end = 0;
        for (int i : changed) {
            end = add(i, (int) (weights[i] / unit), nowPhases[i], others, end);
        }
        Arrays.sort(others);
        long[] merged = merged(kept(takeover), others);
        return merged.length > MAX_TURNS ? null : new SpacedCycle(now, merged, place(merged), nowPhases, unit);
    }

    /** The turns of those that have not changed. */
    private long[] kept(Takeover takeover) {
        int[] moves = takeover.moves(candidates.length);
        long[] kept = new long[turns.length];
        int size = 0;
        for (long turn : turns) {
            int index = moves[(int) (turn & INDEX)];
            kept[size] = (turn & ~INDEX) | index;
            size += index < 0 ? 0 : 1;
        }
        return Arrays.copyOf(kept, size);
    }

    private static long[] merged(long[] kept, long[] others) {
        if (others.length == 0) {
            return kept;
        }
        long[] merged = new long[kept.length + others.length];
        int from = 0;
        for (int i = 0; i < others.length; i++) {
            int found = Arrays.binarySearch(kept, from, kept.length, others[i]);
            int to = found < 0 ? -1 - found : found;
            System.arraycopy(kept, from, merged, from + i, to - from);
            merged[to + i] = others[i];
            from = to;
        }
        System.arraycopy(kept, from, merged, from + others.length, kept.length - from);
        return merged;
    }

    /** Which turn of another cycle it is now. A part of both would not do: with frequent changes it might never move on. */
    private int place(long[] others) {
        long now = turns[Integer.remainderUnsigned(counter.get(), turns.length)] & ~INDEX;
        int found = Arrays.binarySearch(others, now);
        return found < 0 ? -1 - found : found;
    }

    private double[] phases(Candidate[] now, RandomGenerator random) {
        Map<Candidate, Double> known = new HashMap<>(candidates.length * 2);
        for (int i = 0; i < candidates.length; i++) {
            known.put(candidates[i], phases[i]);
        }
        return Arrays.stream(now)
                .mapToDouble(candidate -> {
                    Double phase = known.get(candidate);
                    return phase == null ? random.nextDouble() : phase;
                })
                .toArray();
    }

    /** The whole cycle. */
    private static long[] cycle(double[] weights, long unit, double[] phases) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        long[] turns = new long[(int) (sum / unit)];
        int end = 0;
        for (int i = 0; i < weights.length; i++) {
            end = add(i, (int) ((long) weights[i] / unit), phases[i], turns, end);
        }
        Arrays.sort(turns);
        return turns;
    }

    /** Puts one candidate's turns into the array from an index on, and returns where they end. */
    private static int add(int candidate, int share, double phase, long[] turns, int from) {
        for (int k = 0; k < share; k++) {
            turns[from + k] = place((k + phase) / share) | candidate;
        }
        return from + share;
    }

    /** A part of the cycle, in the upper bits, to be sorted by. */
    private static long place(double part) {
        return (long) (part * (1L << (62 - INDEX_BITS))) << INDEX_BITS;
    }

    @Override
    public int next() {
        long[] cycle = turns;
        return (int) (cycle[Integer.remainderUnsigned(counter.getAndIncrement(), cycle.length)] & INDEX);
    }
}
