package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One of several words, each with a meaning. */
final class WordType<T> extends ScalarType<T> {
    private final String what;
    private final Map<String, T> known;
    private final List<String> words;

    /**
     * The type of these words.
     *
     * @param what their kind, such as {@code outlier detection}
     * @param meanings by word, in the order in which they are listed
     */
    WordType(String what, Map<String, T> meanings) {
        super("a string", String.join(", ", meanings.keySet()), Map.of("enum", List.copyOf(meanings.keySet())));
        this.what = what;
        this.known = new LinkedHashMap<>(meanings);
        this.words = List.copyOf(meanings.keySet());
    }

    /** The names of constants in lower camel case: {@code NEVER_SENT} is {@code "neverSent"}. */
    @SafeVarargs
    @SuppressWarnings("varargs") // read, and no more
    static <E extends Enum<E>> WordType<E> constant(String what, E... constants) {
        Map<String, E> meanings = new LinkedHashMap<>();
        for (E constant : constants) {
            meanings.put(camelCase(constant.name()), constant);
        }
        return new WordType<>(what, meanings);
    }

    private static String camelCase(String constant) {
        StringBuilder name = new StringBuilder();
        boolean upper = false;
        for (int i = 0; i < constant.length(); i++) {
            char c = constant.charAt(i);
            if (c == '_') {
                upper = true;
            } else {
                name.append(upper ? c : Character.toLowerCase(c));
                upper = false;
            }
        }
        return name.toString();
    }

    @Override
    @Nullable
    T parse(ValueCursor value) {
        String word = value.text();
        if (word == null) {
            return null;
        }
        T meaning = known.get(word);
        if (meaning == null) {
            throw new IllegalArgumentException(
                    "unknown " + what + " \"" + word + "\"; expected one of " + String.join(", ", words));
        }
        return meaning;
    }

    @Override
    Object write(T meaning) {
        return words.stream()
                .filter(word -> meaning.equals(known.get(word)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    String describe(MarkdownReference page) {
        return "`\"" + String.join("\"`, `\"", words) + "\"`";
    }
}
