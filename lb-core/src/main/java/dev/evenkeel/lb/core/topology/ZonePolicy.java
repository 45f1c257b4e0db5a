package dev.evenkeel.lb.core.topology;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the traffic of a tier is distributed over the zones of its backends. Applies to the healthy backends of each
 * tier, unless the tier is in panic.
 *
 * @param mode the rule
 * @param localZone where this process runs; null if that does not matter
 * @param minBackends with fewer healthy backends in a tier, zones are ignored, 1 to 1,000,000; for
 *     {@link Mode#PREFER_LOCAL} only
 * @param zones by zone, the number of callers ({@link Mode#PREFER_LOCAL}; empty if unknown) or the weight, 0 to 65,535
 */
public record ZonePolicy(Mode mode, @Nullable String localZone, int minBackends, Map<String, Integer> zones) {

    private static final int LARGEST = 65_535;

    /** Rules for the distribution. */
    public enum Mode {
        /** Zones do not matter. */
        IGNORE,
        /** The local zone, and other zones for what it cannot carry. */
        PREFER_LOCAL,
        /** By a weight for each zone. */
        WEIGHTED,
        /** A zone's weight multiplies the weights of its backends. */
        MULTIPLIED
    }

    public ZonePolicy {
        if (localZone != null && localZone.isBlank()) {
            throw new IllegalArgumentException("local zone must not be blank: \"" + localZone + "\"");
        }
        if (mode == Mode.PREFER_LOCAL && localZone == null) {
            throw new IllegalArgumentException("a policy that prefers the local zone must name it");
        }
        if (minBackends < 1 || minBackends > 1_000_000) {
            throw new IllegalArgumentException("zones minBackends must be 1..1000000: " + minBackends);
        }
        int least = mode == Mode.MULTIPLIED ? 1 : 0;
        zones.forEach((zone, number) -> {
            if (number < least || number > LARGEST) {
                throw new IllegalArgumentException(
                        (mode == Mode.PREFER_LOCAL ? "callers in zone \"" : "weight of zone \"") + zone + "\" must be "
                                + least + "..65535: " + number);
            }
        });
        zones = Collections.unmodifiableMap(new TreeMap<>(zones));
    }

    /**
     * Zones do not matter: the default.
     *
     * @return the policy
     */
    public static ZonePolicy ignore() {
        return new ZonePolicy(Mode.IGNORE, null, 1, Map.of());
    }

    /**
     * Envoy's zone-aware routing. Everything goes to the local zone if its share of the healthy weight is at least its
     * share of the callers; otherwise as much as balances all backends; the remaining traffic goes to zones with spare
     * capacity, in proportion. Without {@linkplain #withCallers known callers}, each zone with backends is assumed to
     * have equally many. A tier with fewer than 6 healthy backends, or without a backend in the local zone, ignores
     * zones.
     *
     * @param localZone where this process runs
     * @return the policy
     * @throws IllegalArgumentException if the zone is blank
     */
    public static ZonePolicy preferLocal(String localZone) {
        return new ZonePolicy(Mode.PREFER_LOCAL, localZone, 6, Map.of());
    }

    /**
     * Envoy's locality-weighted balancing: each zone gets its weight, and less when it is not healthy enough to carry
     * it (with the tiers' overprovisioning factor).
     *
     * @param weights by zone, 0 (only when no other zone can take a request) to 65,535; a zone without one has 1
     * @return the policy
     * @throws IllegalArgumentException if a weight is out of range
     */
    public static ZonePolicy weighted(Map<String, Integer> weights) {
        return new ZonePolicy(Mode.WEIGHTED, null, 1, weights);
    }

    /**
     * gRPC's rule for its ring hash (gRFC A42): one picker for all zones, under which the weight of a zone multiplies
     * the weights of its backends. Has no effect under a strategy that ignores weights.
     *
     * @param weights by zone, 1 to 65,535; a zone without one has 1
     * @return the policy
     * @throws IllegalArgumentException if a weight is out of range
     */
    public static ZonePolicy multiplied(Map<String, Integer> weights) {
        return new ZonePolicy(Mode.MULTIPLIED, null, 1, weights);
    }

    /**
     * This policy with another minimum of backends.
     *
     * @param backends healthy backends that a tier must have, 1 to 1,000,000; default 6
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public ZonePolicy withMinBackends(int backends) {
        return new ZonePolicy(mode, localZone, backends, zones);
    }

    /**
     * This policy with known numbers of callers.
     *
     * @param callers by zone, the processes that call this pool, including this one
     * @return a copy
     * @throws IllegalArgumentException if this policy does not prefer the local zone, or if a number is out of range
     */
    public ZonePolicy withCallers(Map<String, Integer> callers) {
        if (mode != Mode.PREFER_LOCAL) {
            throw new IllegalArgumentException("callers matter only to a policy that prefers the local zone: " + mode);
        }
        return new ZonePolicy(mode, localZone, minBackends, callers);
    }
}
