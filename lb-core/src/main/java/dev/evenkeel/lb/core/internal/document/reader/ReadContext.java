package dev.evenkeel.lb.core.internal.document.reader;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** State of reading one document: its faults, its placeholders, and its unique names. Not thread-safe. */
public final class ReadContext {
    public final ErrorCollector faults;
    final Placeholders placeholders;
    private final Map<String, Map<String, String>> names = new HashMap<>();

    /**
     * Begins to read a document.
     *
     * @param source where it came from, for messages
     * @param environment the values of placeholders; null if not set
     * @param files reads the files that placeholders name; null if they may name none
     */
    public ReadContext(String source, Function<String, @Nullable String> environment, @Nullable SecretFiles files) {
        this.placeholders = new Placeholders(environment, files);
        this.faults = new ErrorCollector(source, placeholders.given());
    }

    /**
     * Registers a name for a path.
     *
     * @param what the kind of name, such as {@code pool name}
     * @param scope names of one kind must differ within a scope
     * @param key the name as it is compared
     * @param name the name as it is written
     * @param path the path of the value
     * @throws IllegalArgumentException if another path has it
     */
    public void register(String what, String scope, String key, String name, String path) {
        String first = names.computeIfAbsent(what + "\n" + scope, kind -> new HashMap<>())
                .putIfAbsent(key, path);
        if (first != null) {
            throw new IllegalArgumentException("duplicate " + what + " \"" + name + "\"; the first is " + first);
        }
    }

    /**
     * Refers to a name that an earlier path has registered.
     *
     * @param what the kind of name, such as {@code pool}
     * @param scope as in {@link #register}
     * @param key the name as it is compared
     * @throws IllegalArgumentException if no path has it
     */
    public void refer(String what, String scope, String key) {
        Map<String, String> known = names.getOrDefault(what + "\n" + scope, Map.of());
        if (!known.containsKey(key)) {
            throw new IllegalArgumentException("unknown " + what + " \"" + key + "\"; expected one of "
                    + known.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
    }
}
