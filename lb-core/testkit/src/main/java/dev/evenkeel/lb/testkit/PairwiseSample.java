package dev.evenkeel.lb.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Draws combinations until each pair of values of two dimensions has occurred: the best of some random ones each time. */
final class PairwiseSample {
    private static final int CANDIDATES = 60;

    private PairwiseSample() {}

    private record Pair(Object one, Object other) {}

    static List<Combination> of(List<Combination> all, long seed) {
        Random random = new Random(seed);
        List<Combination> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        Set<Pair> missing = new HashSet<>();
        shuffled.forEach(one -> missing.addAll(pairs(one)));
        List<Combination> sample = new ArrayList<>();
        while (!missing.isEmpty()) {
            Combination best = null;
            long most = 0;
            int tried = 0;
            for (Combination one : shuffled) {
                long found = pairs(one).stream().filter(missing::contains).count();
                if (found > most) {
                    most = found;
                    best = one;
                }
                if (++tried >= CANDIDATES && best != null) {
                    break;
                }
            }
            if (best == null) {
                throw new IllegalStateException("no combination has " + missing);
            }
            sample.add(best);
            pairs(best).forEach(missing::remove);
            Collections.rotate(shuffled, -tried);
        }
        return sample;
    }

    private static List<Pair> pairs(Combination one) {
        Object[] values = {one.load(), one.size(), one.weights(), one.feature()};
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            for (int j = i + 1; j < values.length; j++) {
                pairs.add(new Pair(values[i], values[j]));
            }
        }
        return pairs;
    }
}
