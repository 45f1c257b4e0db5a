package dev.evenkeel.lb.testkit;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Checks that a strategy keeps its {@linkplain Promise promises} together with everything else that goes on in a pool: in
 * every combination of {@linkplain Load load}, size, {@linkplain Weighting weights} and {@linkplain Feature feature}. Each
 * combination runs in a real pool on a virtual clock, and is the same each time for the same seed.
 *
 * <p>A check of the sample takes some seconds, one of all combinations a few minutes. Immutable; combinations may be
 * checked in parallel.
 */
public final class StrategyMatrix {
    private static final int[] SIZES = {2, 3, 10, 63, 65, 1_000, 10_000};
    private static final double TOLERANCE = 0.05;

    private final String name;
    private final Supplier<? extends LoadBalancingStrategy> strategy;
    private final Set<Promise> promises;
    private final Set<Feature> features;
    private final double tolerance;
    private final Map<Feature, Double> tolerances;
    private final boolean weighted;

    private StrategyMatrix(
            String name,
            Supplier<? extends LoadBalancingStrategy> strategy,
            Set<Promise> promises,
            Set<Feature> features,
            double tolerance,
            Map<Feature, Double> tolerances,
            boolean weighted) {
        this.name = name;
        this.strategy = strategy;
        this.promises = promises;
        this.features = features;
        this.tolerance = tolerance;
        this.tolerances = tolerances;
        this.weighted = weighted;
    }

    /**
     * The matrix of a strategy, with all promises.
     *
     * @param name for messages
     * @param strategy makes the strategy; one for each pool
     * @return the matrix
     */
    public static StrategyMatrix of(String name, Supplier<? extends LoadBalancingStrategy> strategy) {
        return new StrategyMatrix(
                name, strategy, EnumSet.allOf(Promise.class), EnumSet.allOf(Feature.class), TOLERANCE, Map.of(), true);
    }

    /**
     * This matrix for a strategy that gives each backend the same, whatever its weight.
     *
     * @return a copy
     */
    public StrategyMatrix ignoringWeights() {
        return new StrategyMatrix(name, strategy, promises, features, tolerance, tolerances, false);
    }

    /**
     * This matrix with another tolerance.
     *
     * @param part how much the share of a class of backends may be off, beside the noise of a fair draw: 0 to 1; default
     *     0.05
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public StrategyMatrix withTolerance(double part) {
        return new StrategyMatrix(name, strategy, promises, features, checked(part), tolerances, weighted);
    }

    /**
     * This matrix with another tolerance in all combinations with a feature.
     *
     * @param feature the feature
     * @param part as in {@link #withTolerance(double)}
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public StrategyMatrix withTolerance(Feature feature, double part) {
        Map<Feature, Double> all = new EnumMap<>(Feature.class);
        all.putAll(tolerances);
        all.put(feature, checked(part));
        return new StrategyMatrix(name, strategy, promises, features, tolerance, all, weighted);
    }

    private static double checked(double part) {
        if (!(part >= 0 && part <= 1)) {
            throw new IllegalArgumentException("tolerance must be 0..1: " + part);
        }
        return part;
    }

    /**
     * This matrix without promises that the strategy does not make.
     *
     * @param excluded the promises
     * @return a copy
     */
    public StrategyMatrix without(Promise... excluded) {
        Set<Promise> left = EnumSet.copyOf(promises);
        left.removeAll(List.of(excluded));
        return new StrategyMatrix(name, strategy, left, features, tolerance, tolerances, weighted);
    }

    /**
     * This matrix without features with which the strategy keeps no promise: combinations with them find nothing.
     *
     * @param excluded the features
     * @return a copy
     */
    public StrategyMatrix without(Feature... excluded) {
        Set<Feature> left = EnumSet.copyOf(features);
        left.removeAll(List.of(excluded));
        return new StrategyMatrix(name, strategy, promises, left, tolerance, tolerances, weighted);
    }

    /**
     * All combinations.
     *
     * @param seed of all random numbers
     * @return 2,100 of them
     */
    public static List<Combination> all(long seed) {
        List<Combination> all = new ArrayList<>();
        for (Load load : Load.values()) {
            for (int size : SIZES) {
                for (Weighting weights : Weighting.values()) {
                    for (Feature feature : Feature.values()) {
                        all.add(new Combination(load, size, weights, feature, seed));
                    }
                }
            }
        }
        return all;
    }

    /**
     * A sample of the combinations, by the seed: each value of each dimension and each pair of values of two dimensions
     * occurs.
     *
     * @param seed also of all random numbers of the combinations
     * @return about 90 of them
     */
    public static List<Combination> sample(long seed) {
        return PairwiseSample.of(all(seed), seed);
    }

    /**
     * Checks the sample.
     *
     * @param seed another one draws other combinations
     * @throws AssertionError if a promise is broken; it names each such combination and what was found
     */
    public void check(long seed) {
        fail(sample(seed).stream().flatMap(one -> broken(one).stream()).toList());
    }

    /**
     * Checks one combination.
     *
     * @param combination as an error has named it: see {@link Combination#parse}
     * @throws AssertionError if a promise is broken
     */
    public void check(Combination combination) {
        fail(broken(combination));
    }

    /**
     * What a combination finds.
     *
     * @param combination the combination
     * @return one line for each fault, which names the strategy, the combination and the promise
     */
    public List<String> broken(Combination combination) {
        if (!features.contains(combination.feature())) {
            return List.of();
        }
        return new CombinationCheck(
                        strategy,
                        combination,
                        promises,
                        tolerances.getOrDefault(combination.feature(), tolerance),
                        weighted)
                .run().stream()
                        .map(fault -> name + " breaks a promise in \"" + combination + "\": " + fault)
                        .toList();
    }

    private static void fail(List<String> faults) {
        if (!faults.isEmpty()) {
            throw new AssertionError(faults.stream().collect(Collectors.joining("\n")));
        }
    }

    /**
     * The strategy's name.
     *
     * @return as given
     */
    @Override
    public String toString() {
        return name;
    }
}
