package dev.evenkeel.lb.core.load;

import dev.evenkeel.lb.core.log.Printable;

/** What came from outside, fit for a message. */
final class Quote {
    private static final int MAX_LENGTH = 40;

    private Quote() {}

    static String of(String text) {
        return "\"" + Printable.of(text, MAX_LENGTH) + "\"";
    }
}
