package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.discovery.EndpointSlice.Endpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The slices of one service, and the list that they amount to.
 *
 * <p>An address that is in several slices, as it is while the control plane moves it, counts once, and as ready if one of
 * them says so. A pod with addresses of both families counts once. Who is not ready is not listed; if nobody is, those that
 * still serve while they terminate are, as kube-proxy has it.
 */
final class EndpointSlices {
    private final boolean preferIpv6;
    private final String zone;
    private SortedMap<String, EndpointSlice> byName = new TreeMap<>();

    /** @param zone honours hints for this zone; empty if hints are ignored */
    EndpointSlices(boolean preferIpv6, String zone) {
        this.preferIpv6 = preferIpv6;
        this.zone = zone;
    }

    @Nullable
    EndpointSlice get(String name) {
        return byName.get(name);
    }

    void put(EndpointSlice slice) {
        byName.put(slice.name(), slice);
    }

    void remove(String name) {
        byName.remove(name);
    }

    void replace(SortedMap<String, EndpointSlice> slices) {
        byName = slices;
    }

    Listing listing() throws MalformedAnswerException {
        int entries = 0;
        int skipped = 0;
        String fault = "";
        boolean ipv4 = false;
        boolean ipv6 = false;
        for (EndpointSlice slice : byName.values()) {
            entries += slice.endpoints().size();
            if (skipped == 0) {
                fault = slice.fault();
            }
            skipped += slice.skipped();
            for (Endpoint endpoint : slice.endpoints()) {
                ipv6 |= endpoint.ipv6();
                ipv4 |= !endpoint.ipv6();
            }
        }
        Listing.checkCount(entries);
        Collection<Endpoint> usable = usable(entries);
        if (ipv4 && ipv6) {
            usable = onceEachPod(usable);
        }
        if (!zone.isEmpty()) {
            usable = hinted(usable);
        }
        List<Backend> backends = new ArrayList<>(usable.size());
        for (Endpoint endpoint : usable) {
            backends.add(endpoint.backend());
        }
        return new Listing(List.copyOf(backends), skipped, fault);
    }

    private Collection<Endpoint> usable(int entries) {
        Map<String, Endpoint> ready = new LinkedHashMap<>(entries * 4 / 3 + 1);
        for (EndpointSlice slice : byName.values()) {
            for (Endpoint endpoint : slice.endpoints()) {
                if (endpoint.ready()) {
                    ready.putIfAbsent(endpoint.backend().id(), endpoint);
                }
            }
        }
        return ready.isEmpty() ? serving() : ready.values();
    }

    private Collection<Endpoint> serving() {
        Map<String, Endpoint> serving = new LinkedHashMap<>();
        for (EndpointSlice slice : byName.values()) {
            for (Endpoint endpoint : slice.endpoints()) {
                if (endpoint.serving()) {
                    serving.putIfAbsent(endpoint.backend().id(), endpoint);
                }
            }
        }
        return serving.values();
    }

    private Collection<Endpoint> onceEachPod(Collection<Endpoint> endpoints) {
        Set<String> preferred = new HashSet<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.ipv6() == preferIpv6 && !endpoint.uid().isEmpty()) {
                preferred.add(endpoint.uid());
            }
        }
        List<Endpoint> once = new ArrayList<>(endpoints.size());
        for (Endpoint endpoint : endpoints) {
            if (endpoint.ipv6() == preferIpv6 || !preferred.contains(endpoint.uid())) {
                once.add(endpoint);
            }
        }
        return once;
    }

    /** Hints count only if every endpoint has one and this zone has endpoints. */
    private Collection<Endpoint> hinted(Collection<Endpoint> endpoints) {
        List<Endpoint> ours = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.forZones().isEmpty()) {
                return endpoints;
            }
            if (endpoint.forZones().contains(zone)) {
                ours.add(endpoint);
            }
        }
        return ours.isEmpty() ? endpoints : ours;
    }
}
