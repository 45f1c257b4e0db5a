package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.core.internal.log.Printable;

/** Prepares text of a registry for messages, and checks text of the user for requests. */
public final class Messages {
    private Messages() {}

    /** The most characters of a registry's text in a message, before secrets are removed. */
    private static final int MAX_QUOTED = 4_096;

    /**
     * Bounds a registry's text for a message that {@link RegistryWatch} removes secrets from and shortens. To shorten
     * it to its final length here would leave parts of secrets that are not found any more.
     */
    public static String quoted(String text) {
        return Printable.of(text, MAX_QUOTED);
    }

    /** Checks a secret for a header; the exception does not quote it. */
    public static String secret(String what, String secret) {
        String stripped = secret.strip();
        if (stripped.isEmpty() || !stripped.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(what + " must be of visible ASCII characters");
        }
        return stripped;
    }

    /** Checks a name for a path or a query. */
    public static String name(String what, String name) {
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " must not be blank or have control characters: \"" + Printable.of(name, 100) + "\"");
        }
        return name;
    }
}
