package dev.evenkeel.lb.testkit;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;

/** Compares picks with the shares that weights demand, by weight and group of the backends. */
final class Shares {
    /** A fair draw is further off once in 15,000 times. */
    static final double DEVIATIONS = 4;

    private final Combination combination;
    private final IntToDoubleFunction weights;

    private static final class Tally {
        double weight;
        double picks;
        int backends;
    }

    Shares(Combination combination, IntToDoubleFunction weights) {
        this.combination = combination;
        this.weights = weights;
    }

    /** The share of one backend, which may have joined, among all of its group that get calls. */
    double of(int index) {
        int group = combination.feature().group(index, combination);
        double sum = 0;
        for (int i = 0; i < combination.size(); i++) {
            sum += isOf(group, i) ? weights.applyAsDouble(i) : 0;
        }
        if (index == combination.size()) {
            sum += weights.applyAsDouble(index);
        }
        return weights.applyAsDouble(index) / sum;
    }

    private boolean isOf(int group, int index) {
        return combination.feature().serves(index, combination)
                && combination.feature().group(index, combination) == group;
    }

    /**
     * Reports each class of backends whose picks are too few or too many.
     *
     * @param atLeast the least part of its share
     * @param atMost the greatest part of its share, or of an even one if that is more
     */
    void check(int[] picks, double atLeast, double atMost, boolean orEven, Consumer<String> broken) {
        for (int group = 0; group < 2; group++) {
            Map<Double, Tally> classes = classes(picks, group);
            double all = classes.values().stream().mapToDouble(c -> c.picks).sum();
            double weight = classes.values().stream().mapToDouble(c -> c.weight).sum();
            double backends =
                    classes.values().stream().mapToDouble(c -> c.backends).sum();
            for (Map.Entry<Double, Tally> entry : classes.entrySet()) {
                Tally one = entry.getValue();
                double expected = all * one.weight / weight;
                double even = all * one.backends / backends;
                double least = orEven ? Math.min(expected, even) : expected;
                double most = orEven ? Math.max(expected, even) : expected;
                double noise = DEVIATIONS * Math.sqrt(expected) + 1;
                if (one.picks < least * atLeast - noise || one.picks > most * atMost + noise) {
                    broken.accept(String.format(
                            Locale.ROOT,
                            "%d backends of weight %s got %.0f of %.0f calls; by weight %.1f",
                            one.backends,
                            entry.getKey(),
                            one.picks,
                            all,
                            expected));
                }
            }
        }
    }

    /** Reports backends without their part, where the calls are enough to say so. */
    void checkEach(int[] picks, double atLeast, Consumer<String> broken) {
        for (int group = 0; group < 2; group++) {
            double all = 0;
            double weight = 0;
            for (int i = 0; i < combination.size(); i++) {
                all += isOf(group, i) ? picks[i] : 0;
                weight += isOf(group, i) ? weights.applyAsDouble(i) : 0;
            }
            for (int i = 0; i < combination.size(); i++) {
                double expected = isOf(group, i) ? all * weights.applyAsDouble(i) / weight : 0;
                if (picks[i] < expected * atLeast - DEVIATIONS * Math.sqrt(expected) - 1) {
                    broken.accept(String.format(
                            Locale.ROOT, "b%d got %d of %.0f calls; by weight %.1f", i, picks[i], all, expected));
                    return;
                }
            }
        }
    }

    /** Reports a backend with more than so many times its share, or an even one, where that is several calls. */
    void checkNone(int[] picks, double moreThan, Consumer<String> broken) {
        double all = 0;
        int served = 0;
        for (int i = 0; i < combination.size(); i++) {
            all += isOf(0, i) ? picks[i] : 0;
            served += isOf(0, i) ? 1 : 0;
        }
        for (int i = 0; i < combination.size(); i++) {
            double expected = isOf(0, i) ? all * Math.max(of(i), 1.0 / served) : Double.MAX_VALUE;
            if (picks[i] > expected * moreThan + DEVIATIONS * Math.sqrt(expected)) {
                broken.accept(String.format(
                        Locale.ROOT, "b%d got %d of %.0f calls; by weight %.1f", i, picks[i], all, expected));
                return;
            }
        }
    }

    private Map<Double, Tally> classes(int[] picks, int group) {
        Map<Double, Tally> classes = new TreeMap<>();
        for (int i = 0; i < combination.size(); i++) {
            if (isOf(group, i)) {
                Tally one = classes.computeIfAbsent(weights.applyAsDouble(i), w -> new Tally());
                one.weight += weights.applyAsDouble(i);
                one.picks += picks[i];
                one.backends++;
            }
        }
        return classes;
    }
}
