package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.core.discovery.DnsAnswerCache.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Finds the addresses of host names, in the family that a source is set to. */
final class DnsAddressResolver {
    private final AddressFamily family;
    private final DnsAnswerCache answers;

    DnsAddressResolver(AddressFamily family, DnsAnswerCache answers) {
        this.family = family;
        this.answers = answers;
    }

    /**
     * The addresses of a host.
     *
     * @param found empty if there is none
     * @param failure the first question that was not answered; null if there is none
     */
    record Addresses(List<InetAddress> found, @Nullable IOException failure) {}

    /**
     * Resolves many hosts. Hosts whose last question failed come last, the latest failure at the end, so that they do
     * not use up the time of every round.
     */
    Map<Name, Addresses> resolve(Collection<Name> hosts) {
        List<Name> order = new ArrayList<>(hosts);
        order.sort(Comparator.comparingLong(answers::lastFailure));
        Map<Name, Addresses> addresses = new HashMap<>();
        for (Name host : order) {
            addresses.put(host, resolve(host));
        }
        return addresses;
    }

    /** Resolves a host. A family whose question fails does not hide the addresses of the other one. */
    Addresses resolve(Name host) {
        List<InetAddress> found = new ArrayList<>();
        IOException failure = null;
        for (List<Integer> types : typesInOrder()) {
            for (int type : types) {
                try {
                    Answer answer = answers.get(host, type);
                    answer.records().forEach(record -> found.add(address(record)));
                    if (!answer.exists()) {
                        return new Addresses(found, failure);
                    }
                } catch (IOException e) {
                    failure = failure == null ? e : failure;
                }
            }
            if (!found.isEmpty()) {
                break;
            }
        }
        return new Addresses(found, failure);
    }

    /** Record types that are asked for together; a later group is used if an earlier one has no record. */
    private List<List<Integer>> typesInOrder() {
        return switch (family) {
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
