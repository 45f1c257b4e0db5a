package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.EndpointPorts.Port;
import dev.evenkeel.lb.okhttp.internal.discovery.kubernetes.EndpointSlice.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses the JSON of an {@link EndpointSlice}.
 *
 * @param ports the choice of the port to use
 * @param weightAnnotation whose value is the weight of a slice's endpoints
 */
public record EndpointSliceParser(EndpointPorts ports, String weightAnnotation) {
    /** Kubernetes' own names have at most 253. */
    private static final int MAX_NAME = 1_024;

    public EndpointSliceParser(String portName, int portNumber, String scheme, String weightAnnotation) {
        this(new EndpointPorts(portName, portNumber, scheme), weightAnnotation);
    }

    static String name(JsonNode slice) throws MalformedAnswerException {
        return required(slice, "name");
    }

    static String version(JsonNode slice) throws MalformedAnswerException {
        return required(slice, "resourceVersion");
    }

    private static String required(JsonNode object, String field) throws MalformedAnswerException {
        JsonNode value = object.path("metadata").path(field);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw new MalformedAnswerException("an object of Kubernetes must have metadata." + field);
        }
        if (value.textValue().length() > MAX_NAME) {
            throw new MalformedAnswerException("metadata." + field + " must have at most " + MAX_NAME + " characters");
        }
        return value.textValue();
    }

    /**
     * Reads a slice. An unchanged endpoint stays the same object, so that it does not count as a change.
     *
     * @param before what the slice was; null if it is new
     */
    EndpointSlice read(JsonNode slice, @Nullable EndpointSlice before) throws MalformedAnswerException {
        String name = name(slice);
        String version = version(slice);
        try {
            return read(slice, name, version, before);
        } catch (IllegalArgumentException e) {
            EndpointSlice known = before == null ? new EndpointSlice(name, version, List.of(), 0, "") : before;
            return known.spoilt(version, Messages.quoted("slice " + name + ": " + e.getMessage()));
        }
    }

    private EndpointSlice read(JsonNode slice, String name, String version, @Nullable EndpointSlice before) {
        JsonNode entries = array(slice, "endpoints");
        if (entries.isEmpty()) {
            return new EndpointSlice(name, version, List.of(), 0, "");
        }
        JsonNode ports = array(slice, "ports");
        Port port = this.ports.choose(ports);
        if (port == null) {
            // The slice can be read, and says that its endpoints do not offer the port (any more).
            String lost = Messages.quoted("slice " + name + ": " + this.ports.fault(ports));
            return new EndpointSlice(name, version, List.of(), entries.size(), lost);
        }
        String family = RegistryJson.text(slice, "addressType");
        Backend.checkWeight(weight(slice));
        Map<String, Endpoint> known = new HashMap<>();
        if (before != null) {
            before.endpoints().forEach(endpoint -> known.put(endpoint.backend().id(), endpoint));
        }
        List<Endpoint> endpoints = new ArrayList<>(entries.size());
        int skipped = 0;
        String fault = "";
        for (JsonNode entry : entries) {
            try {
                Endpoint endpoint = endpoint(entry, port, family.equals("IPv6"), weight(slice));
                Endpoint same = known.get(endpoint.backend().id());
                endpoints.add(endpoint.equals(same) ? same : endpoint);
            } catch (IllegalArgumentException e) {
                if (skipped == 0) {
                    fault = Messages.quoted("endpoint " + RegistryJson.quote(entry.path("addresses")) + " of slice "
                            + name + ": " + e.getMessage());
                }
                skipped++;
            }
        }
        return new EndpointSlice(name, version, List.copyOf(endpoints), skipped, fault);
    }

    private static JsonNode array(JsonNode slice, String field) {
        JsonNode value = slice.path(field);
        if (!value.isArray() && !value.isNull() && !value.isMissingNode()) {
            throw new IllegalArgumentException(field + " must be an array: " + RegistryJson.quote(value));
        }
        return value;
    }

    private int weight(JsonNode slice) {
        String weight = RegistryJson.text(slice.path("metadata").path("annotations"), weightAnnotation);
        return weight.isEmpty() ? 1 : RegistryJson.integer("annotation " + weightAnnotation, weight);
    }

    private Endpoint endpoint(JsonNode entry, Port port, boolean ipv6, int weight) {
        JsonNode addresses = array(entry, "addresses");
        String address = addresses.path(0).asText("");
        Backend.Builder backend =
                InstanceMapper.backend(port.scheme(), address, port.number()).weight(weight);
        String zone = RegistryJson.text(entry, "zone");
        if (!zone.isEmpty()) {
            backend.zone(zone);
        }
        InstanceMapper.metadata(backend, "k8s.node.name", RegistryJson.text(entry, "nodeName"));
        JsonNode target = entry.path("targetRef");
        InstanceMapper.metadata(backend, "k8s.pod.name", RegistryJson.text(target, "name"));
        Set<String> forZones = new LinkedHashSet<>();
        for (JsonNode hint : entry.path("hints").path("forZones")) {
            forZones.add(RegistryJson.text(hint, "name"));
        }
        InstanceMapper.metadata(backend, "k8s.hints.zones", String.join(",", forZones));
        JsonNode conditions = entry.path("conditions");
        // Absent means ready; absent serving means what ready says.
        boolean ready = conditions.path("ready").asBoolean(true);
        boolean serving = conditions.path("serving").asBoolean(ready);
        return new Endpoint(
                backend.build(), ready, serving, ipv6, RegistryJson.text(target, "uid"), Set.copyOf(forZones));
    }
}
