package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.discovery.FileDiscovery;
import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The form of a document of backends only, as discovery reads it. */
public final class BackendsForm {
    private static final int MAX = 200_000;

    private static final ObjectSchema<BackendsDraft> FORM = ObjectSchema.knowing(
                    "backends", "Backends.", BackendsDraft::new)
            .requiredAt("backends", Types.each(BackendForm.TYPE, 0, MAX), "the backends", BackendsDraft::add)
            .form();

    private BackendsForm() {}

    /**
     * Reads such a document.
     *
     * @param source where it came from, for error messages
     * @param text JSON in UTF-8, at most {@link FileDiscovery#MAX_BYTES}
     * @return the backends
     * @throws dev.evenkeel.lb.core.config.ConfigException if there is any fault
     */
    public static List<Backend> read(String source, byte[] text) {
        return new ConfigDocument(source, text, FileDiscovery.MAX_BYTES)
                .read(FORM)
                .value()
                .backends;
    }

    private static final class BackendsDraft {
        private final ReadContext reading;
        private final List<Backend> backends = new ArrayList<>();

        BackendsDraft(ReadContext reading) {
            this.reading = reading;
        }

        void add(Backend backend, String path) {
            reading.register("backend id", "", backend.id(), backend.id(), path);
            backends.add(backend);
        }
    }

    /** Discovery from a file of backends, which is looked at every 2 s. */
    public static FileDiscovery discovery(Path file) {
        return FileDiscovery.of(file, content -> read(file.toString(), content));
    }
}
