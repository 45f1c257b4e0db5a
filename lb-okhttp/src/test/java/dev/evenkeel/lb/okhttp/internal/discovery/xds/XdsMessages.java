package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import okio.ByteString;

/** The messages of a control plane, as tests need them. */
public final class XdsMessages {
    public static final String CLUSTER = XdsType.CLUSTER.url();
    public static final String ENDPOINTS = XdsType.ENDPOINTS.url();

    private XdsMessages() {}

    static ProtoWriter message() {
        return new ProtoWriter();
    }

    static ProtoReader read(ProtoWriter message) {
        return ProtoReader.of(message.bytes().toByteArray());
    }

    static ProtoWriter uint32(long value) {
        return message().varint(1, value);
    }

    /** An endpoint without health, weight and metadata. */
    static ProtoWriter endpoint(String host, long port) {
        ProtoWriter socket = message().text(2, host).varint(3, port);
        return message().message(1, message().message(1, message().message(1, socket)));
    }

    static ProtoWriter healthy(String host, long port, long weight, Map<String, String> metadata) {
        ProtoWriter endpoint = endpoint(host, port).varint(2, 1).message(4, uint32(weight));
        if (!metadata.isEmpty()) {
            ProtoWriter struct = message();
            metadata.forEach((key, value) -> struct.message(
                    1, message().text(1, key).message(2, message().presentText(3, value))));
            endpoint.message(
                    3, message().message(1, message().text(1, "envoy.lb").message(2, struct)));
        }
        return endpoint;
    }

    static ProtoWriter locality(ProtoWriter... endpoints) {
        ProtoWriter locality = message();
        for (ProtoWriter endpoint : endpoints) {
            locality.message(2, endpoint);
        }
        return locality;
    }

    static ProtoWriter assignment(String name, ProtoWriter... localities) {
        ProtoWriter assignment = message().text(1, name);
        for (ProtoWriter locality : localities) {
            assignment.message(2, locality);
        }
        return assignment;
    }

    static ProtoWriter cluster(String name, String service) {
        ProtoWriter eds = message().message(1, message().message(3, message())).text(2, service);
        return message().text(1, name).varint(2, 3).message(3, eds);
    }

    /** An endpoint in a locality, as a fake control plane lists it. */
    public record Listed(String host, int port, int weight, String zone, Map<String, String> metadata) {}

    /** The assignment of a service whose endpoints are healthy, each in a locality of its zone. */
    public static ByteString assignment(String name, List<Listed> endpoints) {
        ProtoWriter assignment = message().text(1, name);
        for (Listed each : endpoints) {
            ProtoWriter locality = message();
            if (!each.zone.isEmpty()) {
                locality.message(1, message().text(2, each.zone));
            }
            assignment.message(
                    2, locality.message(2, healthy(each.host, each.port, each.weight & 0xFFFF_FFFFL, each.metadata)));
        }
        return assignment.bytes();
    }

    public static ByteString clusterOf(String name, String service) {
        return cluster(name, service).bytes();
    }

    /** An answer in the state of the world. */
    public static ByteString answer(String type, String version, String nonce, ByteString... resources) {
        ProtoWriter answer = message().text(1, version);
        for (ByteString resource : resources) {
            answer.message(2, any(type, resource));
        }
        return answer.text(4, type).text(5, nonce).bytes();
    }

    /** An answer of the incremental protocol. */
    public static ByteString delta(String type, String nonce, String name, ByteString resource, String... removed) {
        ProtoWriter answer = message();
        if (resource.size() > 0) {
            answer.message(
                    2, message().text(1, "v").message(2, any(type, resource)).text(3, name));
        }
        answer.text(4, type).text(5, nonce);
        for (String gone : removed) {
            answer.text(6, gone);
        }
        return answer.bytes();
    }

    private static ProtoWriter any(String type, ByteString value) {
        return message().text(1, type).message(2, value);
    }

    /** A request of either protocol, with its fields by their numbers. */
    public static Map<Integer, List<String>> request(byte[] message) throws IOException {
        Map<Integer, List<String>> fields = new TreeMap<>();
        ProtoReader in = ProtoReader.of(message);
        while (in.next()) {
            List<String> values = fields.computeIfAbsent(in.field(), unused -> new ArrayList<>());
            values.add(in.text());
        }
        return fields;
    }
}
