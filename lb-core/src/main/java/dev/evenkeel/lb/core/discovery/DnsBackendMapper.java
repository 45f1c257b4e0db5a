package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.discovery.DnsAnswerCache.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/** Creates backends from the DNS records of one name. Records that cannot be a backend are left out and reported. */
final class DnsBackendMapper {
    private static final int HARDLY_EVER = 100;

    private final Name name;
    private final DnsSettings settings;
    private final DnsAnswerCache answers;
    private final List<String> faults = new ArrayList<>();
    private final Map<String, Backend> byId = new LinkedHashMap<>();

    DnsBackendMapper(Name name, DnsSettings settings, DnsAnswerCache answers) {
        this.name = name;
        this.settings = settings;
        this.answers = answers;
    }

    /**
     * The backends in the order of their addresses: servers rotate theirs at each answer, which must not count as a
     * change.
     */
    List<Backend> find() throws IOException {
        if (settings.services()) {
            findServices();
        } else {
            for (InetAddress address : addresses(name, List.of())) {
                add(Backend.builder(uri(address, settings.port())), address);
            }
        }
        return byId.values().stream()
                .sorted(Comparator.comparingInt(Backend::priority).thenComparing(Backend::id))
                .toList();
    }

    /** The records that were left out, and why. */
    List<String> faults() {
        return faults;
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
        int tier = 0;
        IOException unresolved = null;
        for (List<SRVRecord> services : tiers.values()) {
            int factor = factor(services);
            services.sort(Comparator.comparingInt(SRVRecord::getWeight).reversed());
            for (SRVRecord service : services) {
                try {
                    addService(service, Math.min(tier, Backend.MAX_PRIORITY), factor, answer);
                } catch (IOException e) {
                    unresolved = e;
                    faults.add(String.valueOf(e.getMessage()));
                }
            }
            tier++;
        }
        if (unresolved != null && byId.isEmpty()) {
            throw unresolved;
        }
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

    private void addService(SRVRecord service, int tier, int factor, Answer answer) throws IOException {
        if (service.getPort() == 0) {
            faults.add("port must be 1..65535: 0 in the SRV record of " + service.getTarget());
            return;
        }
        for (InetAddress address : addresses(service.getTarget(), answer.additional())) {
            add(
                    Backend.builder(uri(address, service.getPort()))
                            .weight(Math.max(1, service.getWeight() * factor))
                            .priority(tier)
                            .metadata("dns.target", text(service.getTarget())),
                    address);
        }
    }

    private void add(Backend.Builder builder, InetAddress address) {
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            faults.add("no address of a backend: " + AddressFormat.of(address));
            return;
        }
        Backend backend = builder.metadata("dns.name", text(name)).build();
        byId.putIfAbsent(backend.id(), backend);
    }

    private String uri(InetAddress address, int port) {
        return settings.scheme() + "://" + AddressFormat.of(address) + ":" + port;
    }

    private static String text(Name name) {
        return name.toString(true);
    }

    // Addresses.

    private List<InetAddress> addresses(Name host, List<Record> atHand) throws IOException {
        List<Record> delivered =
                atHand.stream().filter(record -> record.getName().equals(host)).toList();
        for (List<Integer> types : typesInOrder()) {
            List<InetAddress> found = delivered.stream()
                    .filter(record -> types.contains(record.getType()))
                    .map(DnsBackendMapper::address)
                    .toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return asked(host);
    }

    private List<InetAddress> asked(Name host) throws IOException {
        List<InetAddress> found = new ArrayList<>();
        for (List<Integer> types : typesInOrder()) {
            for (int type : types) {
                Answer answer = answers.get(host, type);
                answer.records().forEach(record -> found.add(address(record)));
                if (!answer.exists()) {
                    return found;
                }
            }
            if (!found.isEmpty()) {
                return found;
            }
        }
        return found;
    }

    /** Record types that are asked for together; a later group is used if an earlier one has no record. */
    private List<List<Integer>> typesInOrder() {
        return switch (settings.family()) {
            case IPV4_FIRST -> List.of(List.of(Type.A), List.of(Type.AAAA));
            case IPV6_FIRST -> List.of(List.of(Type.AAAA), List.of(Type.A));
            case BOTH -> List.of(List.of(Type.A, Type.AAAA));
            case IPV4 -> List.of(List.of(Type.A));
            case IPV6 -> List.of(List.of(Type.AAAA));
        };
    }

    private static InetAddress address(Record record) {
        return record instanceof ARecord a ? a.getAddress() : ((AAAARecord) record).getAddress();
    }
}
