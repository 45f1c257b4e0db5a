package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the port of a slice's endpoints. Only the chosen port has to be valid.
 *
 * @param name of the port to use; empty if it is not chosen by name
 * @param number of the port to use; 0 if it is not chosen by number
 * @param scheme of the backends; empty if the port's appProtocol and name decide
 */
record EndpointPorts(String name, int number, String scheme) {

    /**
     * The port of a slice; null if it does not offer the one to use.
     *
     * @param ports an array, or null or missing: a headless Service need not have ports
     */
    @Nullable
    Port choose(JsonNode ports) {
        if (ports.isEmpty()) {
            return number == 0 ? null : new Port("", number, scheme.isEmpty() ? "http" : scheme);
        }
        List<JsonNode> offered = offered(ports);
        JsonNode port = number != 0 ? byNumber(offered) : name.isEmpty() ? usual(offered) : byName(offered, name);
        return port == null ? null : read(port);
    }

    /** The fault of a slice that does not offer the port to use. */
    String fault(JsonNode ports) {
        if (ports.isEmpty()) {
            return "the slice has no ports; choose one by port(…)";
        }
        return "the port cannot be told among "
                + offered(ports).stream().map(EndpointPorts::brief).toList()
                + "; choose one of them by portName(…) or port(…)";
    }

    private List<JsonNode> offered(JsonNode ports) {
        String wanted = scheme.equals("udp") ? "UDP" : "TCP";
        List<JsonNode> offered = new ArrayList<>();
        for (JsonNode port : ports) {
            String protocol = RegistryJson.text(port, "protocol");
            if (wanted.equals(protocol.isEmpty() ? "TCP" : protocol)) {
                offered.add(port);
            }
        }
        return offered;
    }

    private @Nullable JsonNode byNumber(List<JsonNode> offered) {
        JsonNode any = null;
        for (JsonNode port : offered) {
            if (port.path("port").asInt() == number) {
                return port;
            }
            if (!port.hasNonNull("port")) {
                // Without a number it stands for every port.
                any = port;
            }
        }
        return any;
    }

    private static @Nullable JsonNode usual(List<JsonNode> offered) {
        if (offered.size() == 1) {
            return offered.get(0);
        }
        JsonNode http = byName(offered, "http");
        return http == null ? byName(offered, "https") : http;
    }

    private static @Nullable JsonNode byName(List<JsonNode> offered, String name) {
        for (JsonNode port : offered) {
            if (RegistryJson.text(port, "name").equals(name)) {
                return port;
            }
        }
        return null;
    }

    private Port read(JsonNode port) {
        String portName = RegistryJson.text(port, "name");
        String spoken = RegistryJson.text(port, "appProtocol");
        boolean tls = spoken.equals("https") || (spoken.isEmpty() && portName.equals("https"));
        if (number == 0 && !port.hasNonNull("port")) {
            throw new IllegalArgumentException(
                    "port \"" + portName + "\" has no number, so it is any port; choose one by port(…)");
        }
        int value = InstanceMapper.checkPort(RegistryJson.integer(port, "port", number));
        return new Port(portName, value, !scheme.isEmpty() ? scheme : tls ? "https" : "http");
    }

    private static String brief(JsonNode port) {
        String name = RegistryJson.text(port, "name");
        String number = port.path("port").asText("");
        return name.isEmpty() || number.isEmpty() ? name + number : name + ":" + number;
    }

    /** The port of a slice's endpoints, and what is spoken there. */
    record Port(String name, int number, String scheme) {}
}
