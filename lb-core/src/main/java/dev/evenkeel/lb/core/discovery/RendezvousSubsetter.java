package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Selects one client's part of a fleet: of each tier, the backends with the lowest hashes of client and backend id. For
 * each of them that is out, the next one by this order is added, within a bound. What is added so is always the next of
 * the same order, so a backend that is in use again takes the place of the last one added.
 */
final class RendezvousSubsetter {
    private static final int LARGEST = 100_000;

    private final int size;
    private final int maxRefill;
    private final long seed;

    RendezvousSubsetter(int size, String clientId, int maxRefill) {
        if (size < 1 || size > LARGEST) {
            throw new IllegalArgumentException("subset size must be 1..100000: " + size);
        }
        if (clientId.isBlank()) {
            throw new IllegalArgumentException("subset client id must not be blank: \"" + clientId
                    + "\"; take what tells the instances apart, such as host name and port");
        }
        if (maxRefill < 0 || maxRefill > LARGEST) {
            throw new IllegalArgumentException("subset maxRefill must be 0..100000: " + maxRefill);
        }
        this.size = size;
        this.maxRefill = maxRefill;
        this.seed = mixed(hash(clientId));
    }

    /**
     * Selects from a list, and keeps its order. As many backends as are added count as replaced: the first ones by the
     * order of selection that are out.
     *
     * @param out the ids of backends that are not used now; they stay selected
     */
    SourceList of(List<Backend> fleet, Set<String> out) {
        Map<Integer, List<Ranked>> tiers = new TreeMap<>();
        for (Backend backend : fleet) {
            tiers.computeIfAbsent(backend.priority(), tier -> new ArrayList<>())
                    .add(new Ranked(backend, mixed(seed ^ hash(backend.id()))));
        }
        Set<Backend> chosen = new HashSet<>();
        Set<String> replaced = new HashSet<>();
        for (List<Ranked> tier : tiers.values()) {
            tier.sort(Ranked.ORDER);
            int length = length(tier, out);
            int added = Math.max(0, length - size);
            for (Ranked ranked : tier.subList(0, length)) {
                chosen.add(ranked.backend);
                if (added > 0 && out.contains(ranked.backend.id())) {
                    replaced.add(ranked.backend.id());
                    added--;
                }
            }
        }
        return new SourceList(fleet.stream().filter(chosen::contains).toList(), replaced);
    }

    /** How many of a tier are selected: so many that as many as wanted are in use, if the bound allows it. */
    private int length(List<Ranked> tier, Set<String> out) {
        int most = (int) Math.min(tier.size(), (long) size + maxRefill);
        int inUse = 0;
        int length = 0;
        while (length < most && (length < size || inUse < size)) {
            if (!out.contains(tier.get(length).backend().id())) {
                inUse++;
            }
            length++;
        }
        return length;
    }

    private record Ranked(Backend backend, long rank) {
        static final Comparator<Ranked> ORDER = Comparator.comparingLong(Ranked::rank)
                .thenComparing(ranked -> ranked.backend().id());
    }

    /** FNV-1a over the characters; {@link #mixed} compensates for its weak high bits. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The finishing step of SplitMix64 (Steele et al., OOPSLA 2014). */
    private static long mixed(long bits) {
        long z = bits + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
