package dev.evenkeel.lb.core.internal.document.reader;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the names of environment variables in strings, in braces after a dollar sign, optionally with a default
 * after a colon.
 */
final class Placeholders {
    private static final int MAX_EXPANDED = 4 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");

    private final Function<String, @Nullable String> environment;
    /** The values from the environment: a fault must not quote them. */
    private final Set<String> given = new LinkedHashSet<>();
    /** Bounds the memory: a short text may name a long variable a hundred thousand times. */
    private int charsLeft = MAX_EXPANDED;

    Placeholders(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    static boolean isIn(String text) {
        return text.contains("${");
    }

    Set<String> given() {
        return given;
    }

    /**
     * Replaces every placeholder in a text; a doubled dollar sign before the brace escapes it. Replaced text is not
     * expanded again.
     *
     * @throws IllegalArgumentException if a placeholder is malformed, or has neither a value nor a default, or the text
     *     gets too long
     */
    String expand(String text) {
        StringBuilder expanded = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
            if (at > from && text.charAt(at - 1) == '$') {
                expanded.append(text, from, at).append('{');
                from = at + 2;
                continue;
            }
            int end = text.indexOf('}', at);
            if (end < 0) {
                throw new IllegalArgumentException(
                        "placeholder must be ${NAME} or ${NAME:default}; to have the text ${,"
                                + " write $${: one does not end");
            }
            expanded.append(text, from, at).append(value(text.substring(at + 2, end)));
            from = end + 1;
            if (expanded.length() > JsonTrees.MAX_STRING) {
                break;
            }
        }
        expanded.append(text, from, text.length());
        if (expanded.length() > JsonTrees.MAX_STRING) {
            throw new IllegalArgumentException(
                    "must have at most " + JsonTrees.MAX_STRING + " characters with its placeholders replaced");
        }
        charsLeft -= expanded.length();
        if (charsLeft < 0) {
            throw new IllegalArgumentException(
                    "must have at most " + MAX_EXPANDED + " characters in all with its placeholders replaced");
        }
        return expanded.toString();
    }

    private String value(String placeholder) {
        int colon = placeholder.indexOf(':');
        String name = colon < 0 ? placeholder : placeholder.substring(0, colon);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "placeholder must be ${NAME} or ${NAME:default}, with a name of letters, digits and underscores: \""
                            + ErrorCollector.clean(name, 100) + "\"");
        }
        String value = environment.apply(name);
        if (value != null) {
            given.add(value);
            return value;
        }
        if (colon < 0) {
            throw new IllegalArgumentException("environment variable " + name
                    + " is not set, and there is no default; set it, or write ${" + name + ":default}");
        }
        return placeholder.substring(colon + 1);
    }
}
