package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.TurnCounter;
import dev.evenkeel.lb.spi.Candidate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A whole cycle kept as an array, for lists that are too long for {@link SmoothWeightedSchedule}. The k-th of a
 * candidate's w turns is at (k + phase)/w of the cycle, with a random phase each. At any point of the cycle a candidate
 * has had its share of the turns within one turn, and within a few hundredths of that share at the end.
 *
 * <p>A pick is one count and one look-up, whatever the weights; {@link StrideSchedule} takes several turns for a pick,
 * and a division each. A turn takes 8 bytes. When a few candidates change, the turns of all others are copied.
 */
final class SpacedSchedule implements WeightedSchedule {
    static final int MAX_TURNS = 1 << 16;

    private final Candidate[] candidates;
    /** The candidate of each turn. */
    private final int[] turns;
    /** The position of each turn in the cycle, in units of 2^-31. Ascending; picks do not read it. */
    private final int[] places;

    private final TurnCounter counter;
    /** One per candidate, so that it keeps its position in the cycle when others change. */
    private final float[] phases;
    /** The weight of one turn. */
    private final long unit;

    private SpacedSchedule(Candidate[] candidates, CycleBuilder layout, int start, float[] phases, long unit) {
        this.candidates = candidates;
        this.turns = layout.turns;
        this.places = layout.places;
        this.counter = new TurnCounter(start);
        this.phases = phases;
        this.unit = unit;
    }

    /**
     * The cycle for some weights, which continues at the turn that the previous one would have taken.
     *
     * @return null if the weights are not whole, or the cycle is too long
     */
    static @Nullable SpacedSchedule of(
            Candidate[] candidates,
            double[] weights,
            RandomGenerator random,
            @Nullable WeightedSchedule previous,
            CandidateListDiff takeover) {
        SpacedSchedule before = previous instanceof SpacedSchedule spaced ? spaced : null;
        if (before != null && takeover.isKnown()) {
            SpacedSchedule amended = before.amended(candidates, weights, random, takeover);
            if (amended != null) {
                return amended;
            }
        }
        long unit = unit(weights);
        if (unit == 0) {
            return null;
        }
        float[] phases = phases(before, candidates, random);
        long[] sorted = sorted(IntStream.range(0, weights.length).toArray(), weights, unit, phases);
        CycleBuilder layout = new CycleBuilder(sorted.length);
        for (long turn : sorted) {
            layout.add(turn);
        }
        int start = before == null ? random.nextInt(sorted.length) : before.find(layout);
        return new SpacedSchedule(candidates, layout, start, phases, unit);
    }

    /**
     * The greatest common divisor of the weights, the weight of one turn; 0 if they are not whole or the cycle is too
     * long.
     */
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

    private static float[] phases(@Nullable SpacedSchedule before, Candidate[] candidates, RandomGenerator random) {
        Map<Candidate, Float> known = new HashMap<>();
        for (int i = 0; before != null && i < before.candidates.length; i++) {
            known.put(before.candidates[i], before.phases[i]);
        }
        float[] phases = new float[candidates.length];
        for (int i = 0; i < phases.length; i++) {
            Float phase = known.get(candidates[i]);
            phases[i] = phase == null ? random.nextFloat() : phase;
        }
        return phases;
    }

    /** Turns of some candidates in their order: the position in the upper half, the index in the lower. */
    private static long[] sorted(int[] which, double[] weights, long unit, float[] phases) {
        int size = 0;
        for (int i : which) {
            size += (int) ((long) weights[i] / unit);
        }
        long[] turns = new long[size];
        int end = 0;
        for (int i : which) {
            int share = (int) ((long) weights[i] / unit);
            for (int k = 0; k < share; k++) {
                long place = Math.min(Integer.MAX_VALUE, (long) ((k + (double) phases[i]) / share * 0x1p31));
                turns[end++] = place << 32 | i;
            }
        }
        Arrays.sort(turns);
        return turns;
    }

    /**
     * Inserts the turns of changed candidates among the unchanged turns; null if the changed weights need another unit.
     */
    private @Nullable SpacedSchedule amended(
            Candidate[] now, double[] weights, RandomGenerator random, CandidateListDiff takeover) {
        float[] nowPhases = new float[now.length];
        takeover.copy(phases, nowPhases);
        int[] changed = takeover.changed();
        double added = 0;
        for (int k = 0; k < changed.length; k++) {
            int origin = takeover.origin(k);
            nowPhases[changed[k]] = origin < 0 ? random.nextFloat() : phases[origin];
            double share = weights[changed[k]] / unit;
            added += share == Math.rint(share) ? share : Double.POSITIVE_INFINITY;
        }
        if (added > MAX_TURNS) {
            return null;
        }
        int[] moves = takeover.moves(candidates.length);
        int size = (int) added;
        for (int turn : turns) {
            size += moves[turn] < 0 ? 0 : 1;
        }
        if (size > MAX_TURNS) {
            return null;
        }
        CycleBuilder layout = new CycleBuilder(size);
        int from = 0;
        for (long turn : sorted(changed, weights, unit, nowPhases)) {
            int found = Arrays.binarySearch(places, from, places.length, (int) (turn >>> 32));
            int to = found < 0 ? -1 - found : found;
            layout.addMoved(this, from, to, moves);
            layout.add(turn);
            from = to;
        }
        layout.addMoved(this, from, places.length, moves);
        return new SpacedSchedule(now, layout, find(layout), nowPhases, unit);
    }

    /**
     * The present turn, in another cycle's numbering. A mix of both would not do: with frequent changes it might never
     * advance.
     */
    private int find(CycleBuilder other) {
        int place = places[Integer.remainderUnsigned((int) counter.get(), places.length)];
        int found = Arrays.binarySearch(other.places, place);
        return found < 0 ? -1 - found : found;
    }

    @Override
    public int next() {
        int[] cycle = turns;
        return cycle[Integer.remainderUnsigned((int) counter.next(), cycle.length)];
    }

    /** A cycle under construction. */
    private static final class CycleBuilder {
        private final int[] turns;
        private final int[] places;
        private int size;

        CycleBuilder(int turns) {
            this.turns = new int[turns];
            this.places = new int[turns];
        }

        void add(long turn) {
            turns[size] = (int) turn;
            places[size++] = (int) (turn >>> 32);
        }

        void addMoved(SpacedSchedule cycle, int from, int to, int[] moves) {
            int end = size;
            for (int i = from; i < to; i++) {
                int index = moves[cycle.turns[i]];
                if (index >= 0) {
                    turns[end] = index;
                    places[end++] = cycle.places[i];
                }
            }
            size = end;
        }
    }
}
