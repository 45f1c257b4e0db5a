package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A registry of a document. Its source is made again for each pool, with what was set before.
 *
 * @param <B> the builder of the source
 */
final class RegistryDraft<B> {
    private final Start<B> start;
    private final B tried;
    private final List<Consumer<B>> settings = new ArrayList<>();
    private List<String> servers = List.of();
    private @Nullable Function<String, B> configured;
    private boolean given;
    private @Nullable String name;

    RegistryDraft(Start<B> start) {
        this.start = start;
        this.tried = start.builder("stand-in", "http://stand-in.invalid");
    }

    void name(String inRegistry) {
        if (inRegistry.isBlank() || inRegistry.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name must not be blank, and have no control characters");
        }
        name = inRegistry;
    }

    boolean hasName() {
        return name != null;
    }

    String nameOr(String pool) {
        return name == null ? pool : name;
    }

    /** Refuses what the source's own builder refuses. */
    void servers(List<String> urls) {
        given = true;
        B unused = builder("stand-in", urls);
        servers = urls;
    }

    /**
     * Takes servers that are not in the document.
     *
     * @param builder makes a builder that has them, by the name in the registry; tried at once
     */
    void configured(Function<String, B> builder) {
        given = true;
        B unused = builder.apply("stand-in");
        configured = builder;
    }

    /** Whether the document says which the servers are, even if that was refused. */
    boolean namesServers() {
        return given;
    }

    boolean hasServers() {
        return !servers.isEmpty() || configured != null;
    }

    /** Whether servers are both in the document and elsewhere. */
    boolean hasServersTwice() {
        return !servers.isEmpty() && configured != null;
    }

    void set(Consumer<B> setting) {
        setting.accept(tried);
        settings.add(setting);
    }

    /** The sources of pools, by the pool's name; null if there is no server, which has been reported. */
    @Nullable
    Function<String, BackendDiscovery> sources(Function<B, BackendDiscovery> build) {
        return hasServers() ? pool -> build.apply(applied(builder(nameOr(pool)))) : null;
    }

    /** A builder with the given servers, without the settings. */
    B builder(String nameInRegistry) {
        return configured == null ? builder(nameInRegistry, servers) : configured.apply(nameInRegistry);
    }

    private B builder(String nameInRegistry, List<String> urls) {
        return start.builder(
                nameInRegistry, urls.get(0), urls.subList(1, urls.size()).toArray(String[]::new));
    }

    B applied(B builder) {
        settings.forEach(setting -> setting.accept(builder));
        return builder;
    }

    /** The factory of a source's builder. */
    interface Start<B> {
        B builder(String name, String server, String... others);
    }
}
