package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.config.json.ConfigDocument;
import dev.evenkeel.lb.core.config.json.ConfigObject;
import dev.evenkeel.lb.core.config.json.ConfigValue;
import dev.evenkeel.lb.core.discovery.FileDiscovery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries one backend of a configuration, a URI or an object, into a {@link Backend.Builder}. */
final class BackendReader {
    private Backend.Builder backend = Backend.builder("http://stand-in.invalid");
    private boolean hasId;

    private BackendReader() {}

    /** The list of a file that holds nothing else. */
    static List<Backend> readAll(String source, byte[] text) {
        List<Backend> backends = new ArrayList<>();
        Map<String, String> pathsById = new HashMap<>();
        new ConfigDocument(source, text, FileDiscovery.MAX_BYTES)
                .read(root -> root.required("backends").array(value -> {
                    Backend backend = read(value);
                    if (backend == null) {
                        return;
                    }
                    String first = pathsById.putIfAbsent(backend.id(), value.path());
                    if (first != null) {
                        value.refuse("duplicate backend id \"" + backend.id() + "\"; the first is " + first);
                    }
                    backends.add(backend);
                }));
        return backends;
    }

    /** Null if it has no id because its URI is refused. */
    static @Nullable Backend read(ConfigValue value) {
        BackendReader reader = new BackendReader();
        if (value.isText()) {
            value.text(reader::uri);
        } else {
            value.object(reader::readSettings);
        }
        return reader.hasId ? reader.backend.build() : null;
    }

    /** If the URI is refused, the stand-in remains, so that the other settings are checked all the same. */
    private void uri(String uri) {
        backend = Backend.builder(uri);
        hasId = true;
    }

    private void id(String id) {
        backend.id(id);
        hasId = true;
    }

    private void readSettings(ConfigObject object) {
        object.required("uri").text(this::uri);
        object.optional("id").text(this::id);
        object.optional("weight").integer(backend::weight);
        object.optional("priority").integer(backend::priority);
        object.optional("zone").text(backend::zone);
        object.optional("maxInFlight").integer(backend::maxInFlight);
        object.optional("metadata")
                .object(metadata -> metadata.each((key, value) -> value.text(text -> backend.metadata(key, text))));
    }
}
