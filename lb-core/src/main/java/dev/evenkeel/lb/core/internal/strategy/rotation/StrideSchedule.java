package dev.evenkeel.lb.core.internal.strategy.rotation;

import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.TurnCounter;
import dev.evenkeel.lb.spi.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Static stride scheduling (gRPC's) with a random phase per candidate and a shuffled order. The turns go round all
 * slots; in each round a slot's progress grows by its weight, and its candidate is taken when that carries into the
 * next whole number. Progress is a fraction in units of 2^-64: it wraps by itself, and "carries" is "the sum is below
 * the weight".
 *
 * <p>A pick takes as many turns as the largest weight is over the mean, so gRPC clamps weights to ten times the mean.
 * Here a candidate above the mean has several slots instead, spread over the round. Together they are taken exactly as
 * often as one would be, since floor(x/k) + floor((x + 1)/k) + … + floor((x + k - 1)/k) = floor(x). A pick then takes
 * about two turns on average at most, and no weight is bent.
 */
final class StrideSchedule implements WeightedSchedule {
    private final Candidate[] candidates;
    /** In the order of the round. */
    private final SlotPosition[] places;

    private final int[] indices;
    private final long[] weights;
    private final long[] phases;
    private final TurnCounter counter;
    /** The weight that gets one turn per round. */
    private final double unit;

    private StrideSchedule(Candidate[] candidates, Round round, long start, double unit) {
        this.candidates = candidates;
        this.places = round.places;
        this.indices = round.indices;
        this.weights = round.weights;
        this.phases = round.phases;
        this.counter = new TurnCounter(start);
        this.unit = unit;
    }

    /** Continues at the turn that the previous schedule would have taken, with each candidate's progress. */
    static StrideSchedule of(
            Candidate[] candidates,
            double[] weights,
            RandomGenerator random,
            @Nullable WeightedSchedule previous,
            CandidateListDiff takeover) {
        if (previous instanceof StrideSchedule before) {
            double unit = unit(weights, before.unit);
            long turn = before.counter.get();
            Round round = takeover.isKnown() && unit == before.unit
                    ? before.amended(takeover, candidates, weights, turn, random)
                    : before.renewed(candidates, weights, unit, turn, random);
            return new StrideSchedule(candidates, round, 0, unit);
        }
        double unit = unit(weights, 0);
        List<Slot> slots =
                slots(all(candidates), candidates, weights, unit, Standing.shuffled(candidates, random), random);
        slots.sort(Comparator.comparingDouble(slot -> slot.place.at));
        return new StrideSchedule(candidates, Round.of(slots), random.nextInt(slots.size()), unit);
    }

    /** A new round of all slots, which begins where this one is. */
    private Round renewed(Candidate[] now, double[] nowWeights, double nowUnit, long turn, RandomGenerator random) {
        List<Slot> slots = slots(all(now), now, nowWeights, nowUnit, standings(turn, index -> true), random);
        double from = places[(int) (turn % places.length)].at;
        slots.sort(Comparator.comparingDouble(slot -> distance(from, slot.place.at)));
        return Round.of(slots);
    }

    /** A round with the unchanged slots as they are, and the slots of changed candidates among them. */
    private Round amended(
            CandidateListDiff takeover, Candidate[] now, double[] nowWeights, long turn, RandomGenerator random) {
        int[] moves = takeover.moves(candidates.length);
        Map<Candidate, Standing> standings = standings(turn, index -> moves[index] < 0);
        List<Slot> slots = slots(takeover.changed(), now, nowWeights, unit, standings, random);
        int n = places.length;
        int first = (int) (turn % n);
        double from = places[first].at;
        slots.sort(Comparator.comparingDouble(slot -> distance(from, slot.place.at)));
        int kept = 0;
        for (int index : indices) {
            kept += moves[index] < 0 ? 0 : 1;
        }
        Round round = new Round(kept + slots.size());
        int next = 0;
        for (int k = 0; k < n; k++) {
            int i = first + k < n ? first + k : first + k - n;
            if (moves[indices[i]] >= 0) {
                double distance = distance(from, places[i].at);
                while (next < slots.size() && distance(from, slots.get(next).place.at) < distance) {
                    round.add(slots.get(next++));
                }
                round.add(places[i], moves[indices[i]], weights[i], phase(i, turn));
            }
        }
        slots.subList(next, slots.size()).forEach(round::add);
        return round;
    }

    private static int[] all(Candidate[] candidates) {
        return IntStream.range(0, candidates.length).toArray();
    }

    /** The slots of some candidates. */
    private static List<Slot> slots(
            int[] which,
            Candidate[] candidates,
            double[] weights,
            double unit,
            Map<Candidate, Standing> standings,
            RandomGenerator random) {
        List<Slot> slots = new ArrayList<>(2 * which.length);
        for (int i : which) {
            Standing standing = standings.get(candidates[i]);
            if (standing == null) {
                standing = Standing.of(random.nextDouble(), random.nextLong());
            }
            standing.addSlots(slots, i, weights[i] / unit);
        }
        return slots;
    }

    @Override
    public int next() {
        long[] w = weights;
        while (true) {
            long turn = counter.next();
            long round = turn / w.length;
            int slot = (int) (turn - round * w.length);
            long weight = w[slot];
            if (Long.compareUnsigned(phases[slot] + (round + 1) * weight, weight) < 0) {
                return indices[slot];
            }
        }
    }

    /** For tests: the number of turns that picks have taken. */
    long turnsTaken() {
        return counter.get();
    }

    /**
     * The mean, or the maximum if that is not much larger. It stays the same while it is near, because a slot that has
     * had its turn in this round was measured by the old unit and the remaining slots would be measured by the new one.
     */
    private static double unit(double[] weights, double before) {
        double largest = 0;
        double mean = 0;
        double part = 1.0 / weights.length;
        for (double weight : weights) {
            largest = Math.max(largest, weight);
            mean += weight * part;
        }
        if (before >= 0.7 * mean && before <= 2 * mean) {
            return before;
        }
        return largest <= 1.5 * mean ? largest : mean;
    }

    /** The distance from one position to another along the order. */
    private static double distance(double from, double to) {
        return to >= from ? to - from : to + 1 - from;
    }

    /** The progress of candidates at a turn. */
    private Map<Candidate, Standing> standings(long turn, IntPredicate wanted) {
        Map<Candidate, Standing> standings = new HashMap<>();
        for (int i = 0; i < places.length; i++) {
            if (wanted.test(indices[i])) {
                SlotPosition place = places[i];
                standings.computeIfAbsent(
                                        candidates[indices[i]],
                                        candidate -> new Standing(place.base, new long[place.share]))
                                .progress[place.part] =
                        phase(i, turn);
            }
        }
        return standings;
    }

    /** A slot's progress at a turn. */
    private long phase(int slot, long turn) {
        long round = turn / places.length;
        long rounds = slot < (int) (turn % places.length) ? round + 1 : round;
        return phases[slot] + rounds * weights[slot];
    }

    /**
     * One candidate's position in the order, 0 to 1, and the fraction of a turn that each of its slots has gathered.
     */
    private static final class Standing {
        private final double place;
        private final long[] progress;

        Standing(double place, long[] progress) {
            this.place = place;
            this.progress = progress;
        }

        static Standing of(double place, long progress) {
            return new Standing(place, new long[] {progress});
        }

        /**
         * Random positions and random progress, with the progress evenly distributed: otherwise many light candidates
         * could be due at the same time.
         */
        static Map<Candidate, Standing> shuffled(Candidate[] candidates, RandomGenerator random) {
            int n = candidates.length;
            long step = n == 1 ? 0 : Long.divideUnsigned(-1, n);
            int[] order = new int[n];
            for (int i = 0; i < n; i++) {
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            long offset = random.nextLong();
            Map<Candidate, Standing> standings = new HashMap<>();
            for (int i = 0; i < n; i++) {
                standings.put(candidates[i], Standing.of(random.nextDouble(), offset + order[i] * step));
            }
            return standings;
        }

        void addSlots(List<Slot> slots, int index, double weight) {
            int share = Math.max(1, (int) Math.ceil(weight));
            long[] phases = progress.length == share ? progress : divided(share);
            long ofSlot = fraction(weight / share);
            for (int part = 0; part < share; part++) {
                double at = (place + (double) part / share) % 1;
                slots.add(new Slot(new SlotPosition(at, place, part, share), index, phases[part], ofSlot));
            }
        }

        /**
         * The same progress, divided over another number of slots. Of k slots each holds (progress + part)/k, which
         * adds up to the progress and (k - 1)/2.
         */
        private long[] divided(int share) {
            long sum = progress[0];
            for (int i = 1; i < progress.length; i++) {
                sum += progress[i] + Long.MIN_VALUE;
            }
            long step = share == 1 ? 0 : Long.divideUnsigned(-1, share);
            long[] divided = new long[share];
            for (int part = 0; part < share; part++) {
                divided[part] = Long.divideUnsigned(sum, share) + part * step;
            }
            return divided;
        }

        /** A share of 1 in units of 2^-64: never 0, and for the whole the nearest possible value. */
        private static long fraction(double share) {
            return share >= 1 ? -1 : ((long) (share * 0x1p63) << 1) | 1;
        }
    }

    /**
     * The position of one of a candidate's slots in the round, and their number; the base is the position of its first
     * one.
     */
    private record SlotPosition(double at, double base, int part, int share) {}

    /** One slot of a candidate in a round. */
    private record Slot(SlotPosition place, int index, long phase, long weight) {}

    /** Slots in their order. */
    private static final class Round {
        private final SlotPosition[] places;
        private final int[] indices;
        private final long[] weights;
        private final long[] phases;
        private int size;

        Round(int slots) {
            places = new SlotPosition[slots];
            indices = new int[slots];
            weights = new long[slots];
            phases = new long[slots];
        }

        static Round of(List<Slot> slots) {
            Round round = new Round(slots.size());
            slots.forEach(round::add);
            return round;
        }

        void add(Slot slot) {
            add(slot.place, slot.index, slot.weight, slot.phase);
        }

        void add(SlotPosition place, int index, long weight, long phase) {
            places[size] = place;
            indices[size] = index;
            weights[size] = weight;
            phases[size++] = phase;
        }
    }
}
