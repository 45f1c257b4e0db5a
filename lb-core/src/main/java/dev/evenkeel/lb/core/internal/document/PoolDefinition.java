package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One pool of a document. Not thread-safe. */
public final class PoolDefinition {
    private static final String STAND_IN = "stand-in.invalid";

    private final ReadContext reading;
    private final List<Backend> backends = new ArrayList<>();
    private final Map<String, Consumer<LoadBalancerBuilder>> settings = new TreeMap<>();
    private LoadBalancerBuilder builder = LoadBalancers.builder(STAND_IN);
    private String name = STAND_IN;
    private String scope = "";

    PoolDefinition(ReadContext reading) {
        this.reading = reading;
    }

    /** If the name is refused, a substitute stays, so that the settings are checked all the same. */
    void name(String given, String path) {
        builder = LoadBalancers.builder(given);
        name = given;
        scope = path;
        // Names are hosts and therefore compared without case.
        reading.register("pool name", "", given.toLowerCase(Locale.ROOT), given, path);
        reading.register("pool", "", given, given, path); // For references to the pool, which are compared with case.
    }

    void backend(Backend backend, String path) {
        String pool = scope.isEmpty() ? path.replaceFirst("\\[[0-9]+]$", "") : scope;
        reading.register("backend id", pool, backend.id(), backend.id(), path);
        builder.backend(backend);
        backends.add(backend);
    }

    /** Sets a field of the document, and records the setting. */
    void set(String field, Consumer<LoadBalancerBuilder> setting) {
        setting.accept(builder);
        settings.put(field, setting);
    }

    /**
     * Copies the fields that are the same in an earlier draft of the pool: a strategy, a check or a discovery that has
     * not changed is then the object that is in use, and continues.
     *
     * @param before the earlier draft
     * @param fields the fields that are the same
     */
    public void keep(PoolDefinition before, Collection<String> fields) {
        for (String field : fields) {
            Consumer<LoadBalancerBuilder> setting = before.settings.get(field);
            if (setting != null) {
                set(field, setting);
            }
        }
    }

    /**
     * The pool's name.
     *
     * @return as written
     */
    public String name() {
        return name;
    }

    /**
     * The backends of the document.
     *
     * @return in its order
     */
    public List<Backend> backends() {
        return List.copyOf(backends);
    }

    /**
     * The builder of the pool.
     *
     * @return a builder with all settings of the document
     */
    public LoadBalancerBuilder builder() {
        return builder;
    }
}
