package dev.evenkeel.lb.core.load;

/** What came from outside, fit for a message: short, and without control characters. */
final class Quote {
    private static final int MAX_LENGTH = 40;

    private Quote() {}

    static String of(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length() && i < MAX_LENGTH; i++) {
            char c = text.charAt(i);
            quoted.append(c < ' ' || (c >= 0x7F && c < 0xA0) ? '?' : c);
        }
        return quoted.append(text.length() > MAX_LENGTH ? "…\"" : "\"").toString();
    }
}
