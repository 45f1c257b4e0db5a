package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Locality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses one {@code envoy.config.endpoint.v3.ClusterLoadAssignment}. Bounded in localities, endpoints and metadata. */
final class LoadAssignmentParser {
    static final int MAX_LOCALITIES = 10_000;

    private final EndpointMetadataParser metadata = new EndpointMetadataParser();
    private int endpoints;

    private LoadAssignmentParser() {}

    /**
     * Parses an assignment.
     *
     * @param wanted the name of the assignment that is looked for
     * @return null if this is another one, whose endpoints are not read
     */
    static @Nullable LoadAssignment parse(ProtoReader in, String wanted) throws MalformedAnswerException {
        String name = "";
        List<ProtoReader> unread = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 2 -> {
                    if (unread.size() == MAX_LOCALITIES) {
                        throw new MalformedAnswerException(
                                "an assignment must have at most " + MAX_LOCALITIES + " localities");
                    }
                    unread.add(in.message());
                }
                default -> in.skip();
            }
        }
        return name.equals(wanted) ? new LoadAssignmentParser().localities(unread) : null;
    }

    private LoadAssignment localities(List<ProtoReader> messages) throws MalformedAnswerException {
        List<Locality> localities = new ArrayList<>();
        for (ProtoReader message : messages) {
            localities.add(locality(message));
        }
        return new LoadAssignment(localities);
    }

    private Locality locality(ProtoReader in) throws MalformedAnswerException {
        String[] place = {"", "", ""};
        long weight = 0;
        long priority = 0;
        List<Endpoint> found = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> place = place(in.message());
                case 2 -> found.add(endpoint(in.message()));
                case 3 -> weight = wrapped(in.message());
                case 5 -> priority = in.uint32();
                default -> in.skip();
            }
        }
        return new Locality(place[0], place[1], place[2], weight, priority, found);
    }

    /** Region, zone and sub-zone. */
    private static String[] place(ProtoReader in) throws MalformedAnswerException {
        String[] place = {"", "", ""};
        while (in.next()) {
            switch (in.field()) {
                case 1, 2, 3 -> place[in.field() - 1] = in.text();
                default -> in.skip();
            }
        }
        return place;
    }

    private Endpoint endpoint(ProtoReader in) throws MalformedAnswerException {
        InstanceList.checkCount(++endpoints);
        SocketAddress address = SocketAddress.NONE;
        long health = 0;
        long weight = 1;
        Map<String, String> labels = Map.of();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> address = addressOfEndpoint(in.message());
                case 2 -> health = in.uint32();
                case 3 -> labels = metadata.parse(in.message());
                case 4 -> weight = wrapped(in.message());
                default -> in.skip();
            }
        }
        return new Endpoint(address.host, address.port, health, weight, labels);
    }

    private record SocketAddress(String host, long port) {
        static final SocketAddress NONE = new SocketAddress("", 0);
    }

    /** The first field of an endpoint is its address, and that of an address the one of a socket. */
    private static SocketAddress addressOfEndpoint(ProtoReader endpoint) throws MalformedAnswerException {
        SocketAddress address = SocketAddress.NONE;
        while (endpoint.next()) {
            if (endpoint.field() == 1) {
                address = address(endpoint.message());
            } else {
                endpoint.skip();
            }
        }
        return address;
    }

    private static SocketAddress address(ProtoReader in) throws MalformedAnswerException {
        SocketAddress address = SocketAddress.NONE;
        while (in.next()) {
            if (in.field() == 1) {
                address = socketAddress(in.message());
            } else {
                in.skip();
            }
        }
        return address;
    }

    private static SocketAddress socketAddress(ProtoReader in) throws MalformedAnswerException {
        String host = "";
        long port = 0;
        while (in.next()) {
            switch (in.field()) {
                case 2 -> host = in.text();
                case 3 -> port = in.uint32();
                default -> in.skip();
            }
        }
        return new SocketAddress(host, port);
    }

    /** A {@code google.protobuf.UInt32Value}. */
    private static long wrapped(ProtoReader in) throws MalformedAnswerException {
        long value = 0;
        while (in.next()) {
            if (in.field() == 1) {
                value = in.uint32();
            } else {
                in.skip();
            }
        }
        return value;
    }
}
