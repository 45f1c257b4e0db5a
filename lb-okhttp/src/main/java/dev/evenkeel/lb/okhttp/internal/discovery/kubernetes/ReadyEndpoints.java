package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.EndpointSlice.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The slices of one service, and the list of backends that follows from them.
 *
 * <p>An address that is in several slices, as it is while the control plane moves it, counts once, and as ready if one
 * of them says so. A pod with addresses of both families counts once. Lists ready endpoints; if there is none, serving
 * ones (kube-proxy's fall-back).
 */
public final class ReadyEndpoints {
    private final boolean preferIpv6;
    private final String zone;
    private final SortedMap<String, Known> byName = new TreeMap<>();
    /** How many slices have an address among their ready ones. */
    private final Map<String, Integer> readyAddresses = new HashMap<>();

    private int repeated;
    private int entries;
    private int ipv6Entries;

    /** A slice with its ready backends, which are used as they are in the usual case. */
    private record Known(EndpointSlice slice, List<Backend> ready) {
        static Known of(EndpointSlice slice) {
            List<Backend> ready = new ArrayList<>(slice.endpoints().size());
            for (Endpoint endpoint : slice.endpoints()) {
                if (endpoint.ready()) {
                    ready.add(endpoint.backend());
                }
            }
            return new Known(slice, ready);
        }

        long ipv6Entries() {
            return slice.endpoints().stream().filter(Endpoint::ipv6).count();
        }
    }

    /** @param zone honours hints for this zone; empty if hints are ignored */
    public ReadyEndpoints(boolean preferIpv6, String zone) {
        this.preferIpv6 = preferIpv6;
        this.zone = zone;
    }

    @Nullable
    EndpointSlice get(String name) {
        Known known = byName.get(name);
        return known == null ? null : known.slice;
    }

    void put(EndpointSlice slice) {
        Known known = Known.of(slice);
        forget(byName.put(slice.name(), known));
        for (Backend backend : known.ready) {
            repeated += readyAddresses.merge(backend.id(), 1, Integer::sum) > 1 ? 1 : 0;
        }
        entries += slice.endpoints().size();
        ipv6Entries += (int) known.ipv6Entries();
    }

    void remove(String name) {
        forget(byName.remove(name));
    }

    private void forget(@Nullable Known known) {
        if (known == null) {
            return;
        }
        for (Backend backend : known.ready) {
            Integer left = readyAddresses.computeIfPresent(backend.id(), (id, count) -> count == 1 ? null : count - 1);
            repeated -= left == null ? 0 : 1;
        }
        entries -= known.slice.endpoints().size();
        ipv6Entries -= (int) known.ipv6Entries();
    }

    void replace(Map<String, EndpointSlice> slices) {
        for (String name : List.copyOf(byName.keySet())) {
            if (!slices.containsKey(name)) {
                remove(name);
            }
        }
        slices.values().forEach(this::put);
    }

    InstanceList listing() throws MalformedAnswerException {
        InstanceList.checkCount(entries);
        InstanceList.checkCount(byName.size());
        int skipped = 0;
        String fault = "";
        for (Known known : byName.values()) {
            if (skipped == 0) {
                fault = known.slice.fault();
            }
            skipped += known.slice.skipped();
        }
        return new InstanceList(Collections.unmodifiableList(backends()), skipped, fault);
    }

    private List<Backend> backends() {
        boolean bothFamilies = ipv6Entries > 0 && ipv6Entries < entries;
        List<Backend> backends = new ArrayList<>(entries);
        if (repeated == 0 && !readyAddresses.isEmpty() && !bothFamilies && zone.isEmpty()) {
            // The usual case, which has to be cheap: it is passed at each change of each endpoint.
            for (Known known : byName.values()) {
                backends.addAll(known.ready);
            }
            return backends;
        }
        Collection<Endpoint> usable = usable();
        if (bothFamilies) {
            usable = onceEachPod(usable);
        }
        if (!zone.isEmpty()) {
            usable = hinted(usable);
        }
        for (Endpoint endpoint : usable) {
            backends.add(endpoint.backend());
        }
        return backends;
    }

    private Collection<Endpoint> usable() {
        Map<String, Endpoint> ready = new LinkedHashMap<>();
        for (Known known : byName.values()) {
            for (Endpoint endpoint : known.slice.endpoints()) {
                if (endpoint.ready()) {
                    ready.putIfAbsent(endpoint.backend().id(), endpoint);
                }
            }
        }
        return ready.isEmpty() ? serving() : ready.values();
    }

    private Collection<Endpoint> serving() {
        Map<String, Endpoint> serving = new LinkedHashMap<>();
        for (Known known : byName.values()) {
            for (Endpoint endpoint : known.slice.endpoints()) {
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
