package dev.evenkeel.lb.examples.site;

/** Text as HTML. */
final class Html {
    private Html() {}

    /** Escapes a text for an element or for an attribute in double quotes. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** The way from a page to the root of the site: empty or {@code ../} repeated. */
    static String toRoot(String target) {
        return "../".repeat((int) target.chars().filter(c -> c == '/').count());
    }
}
