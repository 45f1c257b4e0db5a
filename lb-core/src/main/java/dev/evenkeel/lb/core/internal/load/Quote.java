package dev.evenkeel.lb.core.internal.load;

import dev.evenkeel.lb.core.internal.log.Printable;

/** Quotes untrusted input in a message. */
public final class Quote {
    private static final int MAX_LENGTH = 40;

    private Quote() {}

    public static String of(String text) {
        return "\"" + Printable.of(text, MAX_LENGTH) + "\"";
    }
}
