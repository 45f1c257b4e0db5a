package dev.evenkeel.lb.okhttp.internal.document;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A registry of a document. Its source is made again for each pool, with what was set before.
 *
 * @param <B> the builder of the source
 */
final class RegistryDraft<B> {
    private final B tried;
    private final List<Consumer<B>> settings = new ArrayList<>();
    private List<String> servers = List.of();
    private @Nullable String name;

    RegistryDraft(B tried) {
        this.tried = tried;
    }

    void name(String given) {
        if (given.isBlank() || given.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name must not be blank, and have no control characters");
        }
        name = given;
    }

    @Nullable
    String name() {
        return name;
    }

    List<String> servers() {
        return servers;
    }

    String nameOr(String pool) {
        return name == null ? pool : name;
    }

    /** Refuses what the source's own builder refuses. */
    void servers(List<String> given, BiConsumer<String, String[]> check) {
        servers = given;
        try {
            check.accept(server(), others());
        } catch (IllegalArgumentException e) {
            servers = List.of();
            throw e;
        }
    }

    String server() {
        return servers.get(0);
    }

    String[] others() {
        return servers.subList(1, servers.size()).toArray(String[]::new);
    }

    void set(Consumer<B> setting) {
        setting.accept(tried);
        settings.add(setting);
    }

    void setIf(boolean wanted, Consumer<B> setting) {
        if (wanted) {
            set(setting);
        }
    }

    B applied(B builder) {
        settings.forEach(setting -> setting.accept(builder));
        return builder;
    }
}
