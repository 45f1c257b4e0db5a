package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * How a source introduces itself: an {@code envoy.config.core.v3.Node}.
 *
 * @param id by which a control plane knows it
 * @param cluster the group of programs that it belongs to; empty if none
 * @param region where it runs; empty if not said, as are zone and sub-zone
 * @param metadata a JSON object, which is not changed any more
 */
public record XdsNode(String id, String cluster, String region, String zone, String subZone, JsonNode metadata) {
    private static final String AGENT = "evenkeel";

    ProtoWriter message() {
        ProtoWriter node = new ProtoWriter().text(1, id).text(2, cluster);
        if (!metadata.isEmpty()) {
            node.message(3, struct(metadata));
        }
        if (!(region + zone + subZone).isEmpty()) {
            node.message(4, new ProtoWriter().text(1, region).text(2, zone).text(3, subZone));
        }
        return node.text(6, AGENT);
    }

    /** A {@code google.protobuf.Struct}. */
    private static ProtoWriter struct(JsonNode object) {
        ProtoWriter struct = new ProtoWriter();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            struct.message(1, new ProtoWriter().text(1, field.getKey()).message(2, value(field.getValue())));
        }
        return struct;
    }

    /** A {@code google.protobuf.Value}. */
    private static ProtoWriter value(JsonNode json) {
        ProtoWriter value = new ProtoWriter();
        return switch (json.getNodeType()) {
            case NUMBER -> value.number(2, json.doubleValue());
            case STRING -> value.presentText(3, json.textValue());
            case BOOLEAN -> value.varint(4, json.booleanValue() ? 1 : 0);
            case OBJECT -> value.message(5, struct(json));
            case ARRAY -> value.message(6, list(json));
            default -> value.varint(1, 0);
        };
    }

    private static ProtoWriter list(JsonNode array) {
        ProtoWriter list = new ProtoWriter();
        array.forEach(element -> list.message(1, value(element)));
        return list;
    }
}
