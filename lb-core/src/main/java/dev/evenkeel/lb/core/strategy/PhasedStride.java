package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Static stride scheduling (gRPC's) with a random phase per candidate and a shuffled order. The turns go round all slots;
 * in each round a slot's progress grows by its weight, and its candidate is taken when that carries into the next whole
 * number. Progress is a fraction in units of 2^-64: it wraps by itself, and "carries" is "the sum is below the weight".
 *
 * <p>A pick takes as many turns as the largest weight is over the mean, so gRPC clamps weights to ten times the mean. Here
 * a candidate above the mean has several slots instead, spread over the round. Together they are taken exactly as often as
 * one would be, since floor(x/k) + floor((x + 1)/k) + … + floor((x + k - 1)/k) = floor(x). A pick then takes about two
 * turns on average at most, and no weight is bent.
 */
final class PhasedStride implements Sequence {
    /** In the order of the round. */
    private final Slot[] slots;

    private final int[] indices;
    private final long[] weights;
    private final long[] phases;
    private final AtomicLong counter;
    /** The weight that is taken once a round. */
    private final double unit;

    private PhasedStride(List<Slot> slots, long start, double unit) {
        this.slots = slots.toArray(Slot[]::new);
        this.indices = slots.stream().mapToInt(Slot::index).toArray();
        this.weights = slots.stream().mapToLong(Slot::weight).toArray();
        this.phases = slots.stream().mapToLong(Slot::phase).toArray();
        this.counter = new AtomicLong(start);
        this.unit = unit;
    }

    static PhasedStride of(
            Candidate[] candidates, double[] weights, RandomGenerator random, @Nullable Sequence previous) {
        if (previous instanceof PhasedStride before) {
            long turn = before.counter.get();
            double place = before.slots[(int) (turn % before.slots.length)].place;
            double unit = unit(weights, before.unit);
            List<Slot> slots = slots(candidates, weights, unit, before.standings(turn), random);
            slots.sort(Comparator.comparingDouble(slot -> distance(place, slot.place)));
            return new PhasedStride(slots, 0, unit);
        }
        double unit = unit(weights, 0);
        List<Slot> slots = slots(candidates, weights, unit, Standing.shuffled(candidates, random), random);
        slots.sort(Comparator.comparingDouble(Slot::place));
        return new PhasedStride(slots, random.nextInt(slots.size()), unit);
    }

    @Override
    public int next() {
        long[] w = weights;
        while (true) {
            long turn = counter.getAndIncrement();
            long round = turn / w.length;
            int slot = (int) (turn - round * w.length);
            long weight = w[slot];
            if (Long.compareUnsigned(phases[slot] + (round + 1) * weight, weight) < 0) {
                return indices[slot];
            }
        }
    }

    /** For tests: how many turns the picks have taken. */
    long turnsTaken() {
        return counter.get();
    }

    /**
     * The mean, or the largest if that is not much more. It stays what it was while it is near, because a slot that has had
     * its turn in this round is measured by the old one and the others by the new one.
     */
    private static double unit(double[] weights, double before) {
        double largest = 0;
        double mean = 0;
        for (double weight : weights) {
            largest = Math.max(largest, weight);
            mean += weight / weights.length;
        }
        if (before >= 0.7 * mean && before <= 2 * mean) {
            return before;
        }
        return largest <= 1.5 * mean ? largest : mean;
    }

    private static List<Slot> slots(
            Candidate[] candidates,
            double[] weights,
            double unit,
            Map<Candidate, Standing> standings,
            RandomGenerator random) {
        List<Slot> slots = new ArrayList<>(2 * candidates.length);
        for (int i = 0; i < candidates.length; i++) {
            Standing standing = standings.get(candidates[i]);
            if (standing == null) {
                standing = Standing.of(random.nextDouble(), random.nextLong());
            }
            standing.addSlots(slots, candidates[i], i, weights[i] / unit);
        }
        return slots;
    }

    /** How far round the order it is from one place to another. */
    private static double distance(double from, double to) {
        return to >= from ? to - from : to + 1 - from;
    }

    /** How far each candidate is at a turn. */
    private Map<Candidate, Standing> standings(long turn) {
        int n = slots.length;
        long round = turn / n;
        int next = (int) (turn % n);
        Map<Candidate, Standing> standings = new HashMap<>();
        for (int i = 0; i < n; i++) {
            Slot slot = slots[i];
            long rounds = i < next ? round + 1 : round;
            standings.computeIfAbsent(slot.candidate, candidate -> new Standing(slot.base, new long[slot.share]))
                            .progress[slot.part] =
                    phases[i] + rounds * weights[i];
        }
        return standings;
    }

    /** One candidate's place in the order, 0 to 1, and the fraction of a turn that each of its slots has gathered. */
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
         * At random places, at random progress, but the latter evenly spread: otherwise many light ones could be due at
         * the same time.
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

        void addSlots(List<Slot> slots, Candidate candidate, int index, double weight) {
            int share = Math.max(1, (int) Math.ceil(weight));
            long[] phases = progress.length == share ? progress : divided(share);
            long ofSlot = fraction(weight / share);
            for (int part = 0; part < share; part++) {
                double at = (place + (double) part / share) % 1;
                slots.add(new Slot(candidate, index, share, part, place, at, phases[part], ofSlot));
            }
        }

        /**
         * The same progress in another number of slots. Of k slots each holds (progress + part)/k, which adds up to the
         * progress and (k - 1)/2.
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

        /** A share of 1 in units of 2^-64: never 0, and for the whole the nearest there is. */
        private static long fraction(double share) {
            return share >= 1 ? -1 : ((long) (share * 0x1p63) << 1) | 1;
        }
    }

    /** One of a candidate's turns in a round; the base is the place of its first one. */
    private record Slot(
            Candidate candidate, int index, int share, int part, double base, double place, long phase, long weight) {}
}
