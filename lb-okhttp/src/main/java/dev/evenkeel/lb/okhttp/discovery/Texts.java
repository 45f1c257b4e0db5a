package dev.evenkeel.lb.okhttp.discovery;

/** Foreign text on its way into a message, and checks of text on its way into a request. */
final class Texts {
    private Texts() {}

    /** The text without control characters, and not longer than that. */
    static String clean(String text, int maxLength) {
        StringBuilder clean = new StringBuilder(Math.min(text.length(), maxLength));
        for (int i = 0; i < text.length() && clean.length() < maxLength; i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) ? '\uFFFD' : c);
        }
        return clean.length() < text.length() ? clean + "…" : clean.toString();
    }

    /** A secret fit for a header; says nothing of it if it is not. */
    static String secret(String what, String secret) {
        String stripped = secret.strip();
        if (stripped.isEmpty() || !stripped.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(what + " must be of visible ASCII characters");
        }
        return stripped;
    }

    /** A name that goes into a path or a query. */
    static String name(String what, String name) {
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " must not be blank or have control characters: \"" + clean(name, 100) + "\"");
        }
        return name;
    }
}
