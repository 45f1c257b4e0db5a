package dev.evenkeel.lb.okhttp.internal.discovery.eureka;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes a backend of a Eureka instance.
 *
 * @param secure whether the secure port is preferred where both are enabled
 * @param byHostName whether the host name is the address, and not the IP address
 * @param weightKey of the instance's metadata
 */
public record EurekaInstanceReader(boolean secure, boolean byHostName, String weightKey)
        implements Function<JsonNode, Backend> {

    @Override
    public Backend apply(JsonNode instance) {
        String name = RegistryJson.text(instance, "hostName");
        String address = RegistryJson.text(instance, "ipAddr");
        String host = byHostName ? InstanceMapper.first(name, address) : InstanceMapper.first(address, name);
        boolean plainEnabled = isEnabled(instance.path("port"));
        boolean secureEnabled = isEnabled(instance.path("securePort"));
        boolean tls = secureEnabled && (secure || !plainEnabled);
        JsonNode metadata = instance.path("metadata");
        String weight = metadata.path(weightKey).asText("");
        Backend.Builder backend = InstanceMapper.backend(
                        tls ? "https" : "http", host, port(instance.path(tls ? "securePort" : "port")))
                .weight(weight.isEmpty() ? 1 : RegistryJson.integer("metadata " + weightKey, weight));
        for (Map.Entry<String, JsonNode> entry : metadata.properties()) {
            // "@class" is how the server's library writes an empty map.
            if (!entry.getKey().startsWith("@")) {
                backend.metadata(entry.getKey(), entry.getValue().asText());
            }
        }
        InstanceMapper.metadata(backend, "eureka.instance.id", id(instance));
        String zone = InstanceMapper.first(
                metadata.path("zone").asText(""),
                instance.path("dataCenterInfo")
                        .path("metadata")
                        .path("availability-zone")
                        .asText(""));
        if (!zone.isEmpty()) {
            backend.zone(zone);
        }
        return backend.build();
    }

    /** The id that the instance has, or else that of its machine in AWS, as Eureka's own clients choose it. */
    static String id(JsonNode instance) {
        return InstanceMapper.first(
                instance.path("instanceId").asText(""),
                instance.path("dataCenterInfo")
                        .path("metadata")
                        .path("instance-id")
                        .asText(""));
    }

    /** A port is {@code {"$": 8080, "@enabled": "true"}}. */
    private static boolean isEnabled(JsonNode port) {
        return port.path("@enabled").asText("").equals("true");
    }

    private static int port(JsonNode port) {
        JsonNode number = port.path("$");
        return number.isTextual()
                ? RegistryJson.integer("port", number.textValue())
                : RegistryJson.integer("port", number);
    }
}
