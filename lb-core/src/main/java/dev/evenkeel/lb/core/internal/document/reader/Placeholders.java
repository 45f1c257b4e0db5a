package dev.evenkeel.lb.core.internal.document.reader;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces placeholders in strings: a dollar sign and, in braces, the name of an environment variable, optionally with a
 * default after a colon, or {@code file:} and the path of a file. A default may hold pairs of braces, and placeholders.
 */
final class Placeholders {
    private static final int MAX_EXPANDED = 4 << 20;
    private static final int MAX_NESTED = 10;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");
    private static final String FILE = "file:";
    private static final String RULE = "placeholder must be ${NAME}, ${NAME:default} or ${file:/path}";

    private final Function<String, @Nullable String> environment;
    private final @Nullable SecretFiles files;
    /** The values from the environment and from files: a fault must not quote them. */
    private final Set<String> given = new LinkedHashSet<>();
    /** Bounds the memory: a short text may name a long variable a hundred thousand times. */
    private int charsLeft = MAX_EXPANDED;

    /**
     * Makes the placeholders of one document.
     *
     * @param files reads files; null if the document may name none, since it comes from outside
     */
    Placeholders(Function<String, @Nullable String> environment, @Nullable SecretFiles files) {
        this.environment = environment;
        this.files = files;
    }

    static boolean isIn(String text) {
        return text.contains("${");
    }

    Set<String> given() {
        return given;
    }

    /**
     * Replaces every placeholder in a text; a doubled dollar sign before the brace escapes it. What a variable or a file
     * holds is not expanded again.
     *
     * @throws IllegalArgumentException if a placeholder is malformed, or has neither a value nor a default, or the text
     *     gets too long
     */
    String expand(String text) {
        String expanded = expand(text, 0);
        charsLeft -= expanded.length();
        if (charsLeft < 0) {
            throw new IllegalArgumentException(
                    "must have at most " + MAX_EXPANDED + " characters in all with its placeholders replaced");
        }
        return expanded;
    }

    private String expand(String text, int nested) {
        StringBuilder expanded = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
            if (at > from && text.charAt(at - 1) == '$') {
                expanded.append(text, from, at).append('{');
                from = at + 2;
                continue;
            }
            int end = end(text, at);
            expanded.append(text, from, at).append(value(text.substring(at + 2, end), nested));
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
        return expanded.toString();
    }

    /** Where the placeholder ends that begins at an index: at the brace that closes its first one. */
    private static int end(String text, int start) {
        int open = 0;
        for (int i = start + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{') {
                open++;
            } else if (c == '}' && --open == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException(RULE + ", with as many braces that close as open; to have the text ${, write"
                + " $${: one does not end");
    }

    private String value(String placeholder, int nested) {
        if (placeholder.startsWith(FILE)) {
            return file(placeholder.substring(FILE.length()));
        }
        int colon = placeholder.indexOf(':');
        String name = colon < 0 ? placeholder : placeholder.substring(0, colon);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(RULE + ", with a name of letters, digits and underscores: \""
                    + ErrorCollector.clean(name, 100) + "\"");
        }
        char operator = colon >= 0 && colon + 1 < placeholder.length() ? placeholder.charAt(colon + 1) : ' ';
        if (operator == '-') {
            throw new IllegalArgumentException("placeholder must not have the shell's form ${" + name
                    + ":-default}, since the dash would be part of the default; write ${" + name + ":default}");
        }
        if (operator == '=' || operator == '?' || operator == '+') {
            throw new IllegalArgumentException("placeholder must not have the shell's form ${" + name + ":" + operator
                    + "…}; write ${" + name + ":default}, or ${" + name + "} for one that must be set");
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
        if (nested == MAX_NESTED) {
            throw new IllegalArgumentException("placeholders must be in each other's defaults at most " + MAX_NESTED
                    + " deep: the default of " + name);
        }
        return expand(placeholder.substring(colon + 1), nested + 1);
    }

    private String file(String path) {
        if (files == null) {
            throw new IllegalArgumentException(
                    "placeholder must not name a file in a list of backends; give the value in the application's document");
        }
        String value = files.read(path);
        given.add(value);
        return value;
    }
}
