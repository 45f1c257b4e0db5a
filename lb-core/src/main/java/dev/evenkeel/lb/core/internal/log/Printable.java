package dev.evenkeel.lb.core.internal.log;

/**
 * Makes untrusted text fit for a message, an event, a log line or a page: bounded in length, and without characters
 * that end a line, move a cursor or reorder text. Secrets must be removed before, never after: a secret that was cut
 * cannot be found.
 */
public final class Printable {
    private static final int MAX_THROWN = 500;
    private static final char REPLACEMENT = '\uFFFD';

    private Printable() {}

    /**
     * Makes a text printable.
     *
     * @param text from outside
     * @param maxLength the maximum number of characters that are kept
     * @return the text, with U+FFFD for each control, format and separator character; it ends with an ellipsis if it
     *     was cut
     */
    public static String of(String text, int maxLength) {
        int end = Math.min(text.length(), maxLength);
        if (end < text.length() && end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder clean = null;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (!isPrintable(c, text, i)) {
                if (clean == null) {
                    clean = new StringBuilder(end + 1).append(text, 0, i);
                }
                clean.append(REPLACEMENT);
            } else if (clean != null) {
                clean.append(c);
            }
        }
        if (clean == null) {
            return end == text.length() ? text : text.substring(0, end) + "…";
        }
        return end == text.length() ? clean.toString() : clean.append('…').toString();
    }

    /**
     * What an exception says of itself, for a message.
     *
     * @param thrown by code of the application, or about a backend; its text may be anything
     * @return its class and message, printable, of at most {@value #MAX_THROWN} characters
     */
    public static String of(Throwable thrown) {
        return of(thrown.toString(), MAX_THROWN);
    }

    private static boolean isPrintable(char c, String text, int index) {
        if (c >= ' ' && c < 0x7F) {
            return true;
        }
        if (Character.isSurrogate(c)) {
            return isPaired(c, text, index);
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static boolean isPaired(char c, String text, int index) {
        return Character.isHighSurrogate(c)
                ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
                : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
    }
}
