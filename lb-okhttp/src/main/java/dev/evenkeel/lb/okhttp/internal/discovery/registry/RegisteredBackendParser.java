package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * Parses the text by which a program registers itself: a backend as in a configuration, its URI, or {@code host:port}.
 */
public final class RegisteredBackendParser {
    private static final Set<String> FIELDS =
            Set.of("id", "uri", "weight", "priority", "zone", "maxInFlight", "metadata");

    private RegisteredBackendParser() {}

    /**
     * Reads a backend.
     *
     * @param scheme the scheme if the text has none
     * @param namedIds whether the text may give the backend another id than that of its address
     * @throws IllegalArgumentException if the text is no backend
     */
    public static Backend read(byte[] text, String scheme, boolean namedIds) {
        Backend backend = parse(text, scheme);
        InstanceHost.check(backend.host());
        String ofAddress = Backend.builder(backend.uri()).build().id();
        if (!namedIds && !backend.id().equals(ofAddress)) {
            throw new IllegalArgumentException("id must be that of the address, \"" + ofAddress
                    + "\", unless the source has namedIds: \"" + backend.id() + "\"");
        }
        return backend;
    }

    private static Backend parse(byte[] text, String scheme) {
        String plain = new String(text, StandardCharsets.UTF_8).strip();
        if (plain.startsWith("{")) {
            return object(text);
        }
        if (plain.length() > 2_048) {
            throw new IllegalArgumentException(
                    "a backend's URI must have at most 2048 characters: it has " + plain.length());
        }
        return Backend.of(plain.contains("://") ? plain : scheme + "://" + plain);
    }

    private static Backend object(byte[] text) {
        JsonNode object;
        try {
            object = RegistryJson.object(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw new IllegalArgumentException("unknown field \"" + name + "\"; expected one of "
                        + String.join(", ", FIELDS.stream().sorted().toList()));
            }
        }
        Backend.Builder backend = Backend.builder(RegistryJson.text(object, "uri"))
                .weight(RegistryJson.integer(object, "weight", 1))
                .priority(RegistryJson.integer(object, "priority", 0))
                .maxInFlight(RegistryJson.integer(object, "maxInFlight", Integer.MAX_VALUE));
        if (object.hasNonNull("id")) {
            backend.id(RegistryJson.text(object, "id"));
        }
        if (object.hasNonNull("zone")) {
            backend.zone(RegistryJson.text(object, "zone"));
        }
        JsonNode metadata = object.path("metadata");
        for (Map.Entry<String, JsonNode> entry : metadata.properties()) {
            backend.metadata(entry.getKey(), RegistryJson.text(metadata, entry.getKey()));
        }
        return backend.build();
    }
}
