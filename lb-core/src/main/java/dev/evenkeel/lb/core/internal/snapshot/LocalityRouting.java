package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Divides the healthy backends of a tier by zone, if the pool's {@link ZonePolicy} says so. */
final class LocalityRouting {
    private final Supplier<PoolConfig> config;

    LocalityRouting(Supplier<PoolConfig> config) {
        this.config = config;
    }

    private ZonePolicy policy() {
        return config.get().zones();
    }

    /** Whether a tier may be divided. */
    boolean divides() {
        return policy().mode() != Mode.IGNORE && policy().mode() != Mode.MULTIPLIED;
    }

    /** The backends of one zone and their share of the tier's traffic. */
    record ZoneShare(String zone, List<BackendState> nodes, long share) {}

    /** One share for each zone that has a healthy backend, ordered by name; null if zones do not matter. */
    @Nullable
    List<ZoneShare> divide(TierCounts tier, List<BackendState> members, List<BackendState> healthy) {
        if (!divides() || healthy.size() < policy().minBackends()) {
            return null;
        }
        Map<String, Census> zones = new TreeMap<>();
        for (BackendState node : members) {
            zones.computeIfAbsent(zoneOf(node), zone -> new Census()).total += tier.size(node);
        }
        if (zones.size() < 2) {
            return null;
        }
        for (BackendState node : healthy) {
            Census census = zones.get(zoneOf(node));
            if (census != null) {
                census.healthy += tier.size(node);
                census.nodes.add(node);
            }
        }
        List<String> names = List.copyOf(zones.keySet());
        List<Census> censuses = List.copyOf(zones.values());
        long[] shares = policy().mode() == Mode.WEIGHTED ? weighted(names, censuses) : preferLocal(names, censuses);
        return shares == null ? null : zoneShares(names, censuses, shares);
    }

    /** The factor by which a backend's zone scales its weight. */
    double multiplier(BackendState node) {
        return policy().mode() == Mode.MULTIPLIED ? policy().zones().getOrDefault(zoneOf(node), 1) : 1;
    }

    boolean inTurns() {
        return policy().mode() == Mode.WEIGHTED;
    }

    private static String zoneOf(BackendState node) {
        String zone = node.backend().zone();
        return zone == null ? "" : zone;
    }

    private long[] weighted(List<String> names, List<Census> censuses) {
        long[] weights = names.stream()
                .mapToLong(zone -> policy().zones().getOrDefault(zone, 1))
                .toArray();
        return ZoneTrafficShares.weighted(
                weights,
                censuses.stream().mapToLong(census -> census.healthy).toArray(),
                censuses.stream().mapToLong(census -> census.total).toArray(),
                config.get().priorities().factorPercent());
    }

    private long @Nullable [] preferLocal(List<String> names, List<Census> censuses) {
        int local = names.indexOf(policy().localZone());
        boolean known = !policy().zones().isEmpty();
        // If the configured callers lack this client's own zone, the numbers of the other zones are not reliable
        // either.
        if (known ? policy().zones().getOrDefault(policy().localZone(), 0) == 0 : local < 0) {
            return null;
        }
        long elsewhere = 0;
        for (Map.Entry<String, Integer> callers : policy().zones().entrySet()) {
            elsewhere += names.contains(callers.getKey()) ? 0 : callers.getValue();
        }
        // A backend without a zone is local to no caller.
        long[] callers = names.stream()
                .mapToLong(zone -> known ? policy().zones().getOrDefault(zone, 0) : zone.isEmpty() ? 0 : 1)
                .toArray();
        long[] capacity = censuses.stream().mapToLong(census -> census.healthy).toArray();
        return ZoneTrafficShares.preferLocal(callers, capacity, elsewhere, local);
    }

    private static @Nullable List<ZoneShare> zoneShares(List<String> names, List<Census> censuses, long[] shares) {
        List<ZoneShare> zoneShares = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < shares.length; i++) {
            Census census = censuses.get(i);
            if (!census.nodes.isEmpty()) {
                zoneShares.add(new ZoneShare(names.get(i), census.nodes, shares[i]));
                sum += shares[i];
            }
        }
        return sum == 0 ? null : zoneShares;
    }

    private static final class Census {
        private final List<BackendState> nodes = new ArrayList<>();
        private long healthy;
        private long total;
    }
}
