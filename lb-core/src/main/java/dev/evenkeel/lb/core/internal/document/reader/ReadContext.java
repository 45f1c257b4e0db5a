package dev.evenkeel.lb.core.internal.document.reader;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One document being read: its faults, its placeholders, and what must be unique in it. Not thread-safe. */
public final class ReadContext {
    public final ErrorCollector faults;
    final Placeholders placeholders;
    private final Map<String, Map<String, String>> claims = new HashMap<>();

    public ReadContext(String source, Function<String, @Nullable String> environment) {
        this.placeholders = new Placeholders(environment);
        this.faults = new ErrorCollector(source, placeholders.given());
    }

    /**
     * Claims a name for the place where it stands.
     *
     * @param what the kind of name, such as {@code pool name}
     * @param scope names of one kind must differ within a scope
     * @param key the name as it is compared
     * @param name the name as it is written
     * @param path where it stands
     * @throws IllegalArgumentException if another place has it
     */
    public void claim(String what, String scope, String key, String name, String path) {
        String first = claims.computeIfAbsent(what + "\n" + scope, kind -> new HashMap<>())
                .putIfAbsent(key, path);
        if (first != null) {
            throw new IllegalArgumentException("duplicate " + what + " \"" + name + "\"; the first is " + first);
        }
    }

    /**
     * Refers to a name that a place before has claimed.
     *
     * @param what the kind of name, such as {@code pool}
     * @param scope as in {@link #claim}
     * @param key the name as it is compared
     * @throws IllegalArgumentException if no place has it
     */
    public void refer(String what, String scope, String key) {
        Map<String, String> claimed = claims.getOrDefault(what + "\n" + scope, Map.of());
        if (!claimed.containsKey(key)) {
            throw new IllegalArgumentException("unknown " + what + " \"" + key + "\"; expected one of "
                    + claimed.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
    }
}
