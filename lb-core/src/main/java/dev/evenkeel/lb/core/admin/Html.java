package dev.evenkeel.lb.core.admin;

/** Text in HTML. */
final class Html {
    private Html() {}

    /**
     * Escapes for HTML, in Latin-1 only: a string with one other character takes twice the memory, and a page is copied
     * many times.
     */
    static String escape(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                    if (Character.isISOControl(c)) {
                        escaped.append(' ');
                    } else if (c > 0xFF) {
                        escaped.append("&#").append(c).append(';');
                    } else {
                        escaped.append((char) c);
                    }
                }
            }
        });
        return escaped.toString();
    }

    /** Whether there is nothing to escape, as in nearly every text. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c > 0xFF || Character.isISOControl(c)) {
                return false;
            }
        }
        return true;
    }
}
