package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Locality;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * The weights of endpoints where localities have weights: a locality's part of its priority's calls is its weight, and an
 * endpoint's part of its locality's calls is its own. The heaviest endpoint of a priority gets {@link #SCALE}, so that
 * ratios of small numbers are exact.
 */
final class LocalityWeights {
    /** A number with many divisors that is a valid weight. */
    static final int SCALE = 55_440;

    /** The largest share of an endpoint in each priority. */
    private final Map<Long, Double> largest = new HashMap<>();

    private LocalityWeights() {}

    static LocalityWeights of(LoadAssignment assignment) {
        LocalityWeights weights = new LocalityWeights();
        for (Locality locality : assignment.localities()) {
            double sum = sum(locality);
            for (Endpoint endpoint : locality.endpoints()) {
                if (counts(endpoint)) {
                    weights.largest.merge(locality.priority(), locality.weight() * endpoint.weight() / sum, Math::max);
                }
            }
        }
        return weights;
    }

    /** Of the endpoints that are in the list: the weight of a locality is divided among them. */
    private static double sum(Locality locality) {
        return locality.endpoints().stream()
                .filter(LocalityWeights::counts)
                .mapToDouble(Endpoint::weight)
                .sum();
    }

    /** One with a weight that a backend cannot have will be left out. */
    private static boolean counts(Endpoint endpoint) {
        return LoadAssignmentMapper.isUsable(endpoint)
                && endpoint.weight() >= 1
                && endpoint.weight() <= Backend.MAX_WEIGHT;
    }

    /** The weights of a locality's endpoints, made from their own. */
    LongUnaryOperator in(Locality locality) {
        double sum = sum(locality);
        double max = largest.getOrDefault(locality.priority(), 1.0);
        return own -> Math.max(1, Math.round(locality.weight() * own / sum / max * SCALE));
    }
}
