package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.discovery.DnsAddressResolver.Addresses;
import dev.evenkeel.lb.core.discovery.DnsAnswerCache.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/** Creates backends from the DNS records of one name. Records that cannot be a backend are left out and reported. */
final class DnsBackendMapper {
    /** As many as fit into an answer of 64 KB with short names; each of them can cost a question. */
    private static final int MAX_TARGETS = 10_000;

    private static final int MAX_BACKENDS = 100_000;
    private static final int HARDLY_EVER = 100;

    private final Name name;
    private final DnsSettings settings;
    private final DnsAnswerCache answers;
    private final DnsAddressResolver resolver;
    private final Set<String> faults = new LinkedHashSet<>();
    private final Map<String, Backend> byId = new LinkedHashMap<>();
    private @Nullable IOException unresolved;

    DnsBackendMapper(Name name, DnsSettings settings, DnsAnswerCache answers) {
        this.name = name;
        this.settings = settings;
        this.answers = answers;
        this.resolver = new DnsAddressResolver(settings.family(), answers);
    }

    /**
     * The backends in the order of their addresses: servers rotate theirs at each answer, which must not count as a
     * change.
     *
     * @throws IOException if the records of the name itself cannot be had
     */
    List<Backend> find() throws IOException {
        if (settings.services()) {
            findServices();
        } else {
            Addresses addresses = resolver.resolve(name);
            for (InetAddress address : addresses.found()) {
                add(Backend.builder(uri(address, settings.port())), address);
            }
            failed(addresses);
            if (unresolved != null && byId.isEmpty()) {
                throw unresolved;
            }
        }
        return byId.values().stream()
                .sorted(Comparator.comparingInt(Backend::priority).thenComparing(Backend::id))
                .toList();
    }

    /** The records that were left out, and why. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** The last question about a host that has no answer; null if there is none. */
    @Nullable
    IOException unresolved() {
        return unresolved;
    }

    private void findServices() throws IOException {
        Answer answer = answers.get(name, Type.SRV);
        SortedMap<Integer, List<SRVRecord>> tiers = new TreeMap<>();
        for (Record record : answer.records()) {
            SRVRecord service = (SRVRecord) record;
            // The root as target means: this service does not exist here.
            if (!service.getTarget().equals(Name.root)) {
                tiers.computeIfAbsent(service.getPriority(), priority -> new ArrayList<>())
                        .add(service);
            }
        }
        for (List<SRVRecord> services : tiers.values()) {
            services.sort(Comparator.comparingInt(SRVRecord::getWeight).reversed());
        }
        Map<Name, Addresses> hosts = resolver.resolve(targets(tiers.values()));
        int tier = 0;
        for (List<SRVRecord> services : tiers.values()) {
            int factor = factor(services);
            for (SRVRecord service : services) {
                Addresses addresses = hosts.get(service.getTarget());
                if (addresses != null) {
                    addService(service, Math.min(tier, Backend.MAX_PRIORITY), factor, addresses);
                }
            }
            tier++;
        }
    }

    private Set<Name> targets(Collection<List<SRVRecord>> tiers) {
        Set<Name> targets = new LinkedHashSet<>();
        for (List<SRVRecord> services : tiers) {
            for (SRVRecord service : services) {
                if (service.getPort() == 0) {
                    faults.add("port must be 1..65535: 0 in the SRV record of " + service.getTarget());
                } else if (targets.size() < MAX_TARGETS || targets.contains(service.getTarget())) {
                    targets.add(service.getTarget());
                } else {
                    faults.add("a service must have at most " + MAX_TARGETS + " targets; the rest is left out");
                }
            }
        }
        return targets;
    }

    /** The factor for all weights, so that backends of weight 0 get hardly any traffic. */
    private static int factor(List<SRVRecord> services) {
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (SRVRecord service : services) {
            least = Math.min(least, service.getWeight());
            most = Math.max(most, service.getWeight());
        }
        return least > 0 || most == 0 ? 1 : Math.max(1, Math.min(HARDLY_EVER, Backend.MAX_WEIGHT / most));
    }

    private void addService(SRVRecord service, int tier, int factor, Addresses addresses) throws IOException {
        if (service.getPort() == 0) {
            return;
        }
        for (InetAddress address : addresses.found()) {
            add(
                    Backend.builder(uri(address, service.getPort()))
                            .weight(Math.max(1, service.getWeight() * factor))
                            .priority(tier)
                            .metadata("dns.target", text(service.getTarget())),
                    address);
        }
        failed(addresses);
    }

    private void failed(Addresses addresses) {
        IOException failure = addresses.failure();
        if (failure != null) {
            unresolved = failure;
            faults.add(String.valueOf(failure.getMessage()));
        }
    }

    private void add(Backend.Builder builder, InetAddress address) throws IOException {
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            faults.add("no address of a backend: " + AddressFormat.of(address));
            return;
        }
        Backend backend = builder.metadata("dns.name", text(name)).build();
        byId.putIfAbsent(backend.id(), backend);
        if (byId.size() > MAX_BACKENDS) {
            throw new IOException("DNS must list at most " + MAX_BACKENDS + " backends for " + name);
        }
    }

    private String uri(InetAddress address, int port) {
        return settings.scheme() + "://" + AddressFormat.of(address) + ":" + port;
    }

    private static String text(Name name) {
        return name.toString(true);
    }
}
