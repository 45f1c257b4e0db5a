package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.core.internal.log.Printable;

/** Foreign text on its way into a message, and checks of text on its way into a request. */
public final class Messages {
    private Messages() {}

    /** The most of a foreign text that goes into a message before secrets are taken out of it. */
    private static final int MAX_QUOTED = 4_096;

    /**
     * A foreign text as a part of a message that is scrubbed and cut when it is told, by {@link RegistryWatch}. To cut
     * it to its final length here would leave parts of secrets that cannot be found any more.
     */
    public static String quoted(String text) {
        return Printable.of(text, MAX_QUOTED);
    }

    /** A secret fit for a header; says nothing of it if it is not. */
    public static String secret(String what, String secret) {
        String stripped = secret.strip();
        if (stripped.isEmpty() || !stripped.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(what + " must be of visible ASCII characters");
        }
        return stripped;
    }

    /** A name that goes into a path or a query. */
    public static String name(String what, String name) {
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " must not be blank or have control characters: \"" + Printable.of(name, 100) + "\"");
        }
        return name;
    }
}
