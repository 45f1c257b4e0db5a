package dev.evenkeel.lb.core.internal.document.reader;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Collects faults. Their texts quote untrusted input: they are cut, escaped and stripped of passwords. */
public final class ErrorCollector {
    private static final int MAX_FAULTS = 100;
    private static final int MAX_VALUE_CHARS = 100;
    private static final int MAX_TEXT_CHARS = 1_000;

    /** A shorter text would occur in every message by chance. */
    private static final int MIN_SECRET = 3;

    private final String source;
    private final Set<String> secrets;
    private final List<ConfigFault> found = new ArrayList<>();

    /**
     * Begins without faults.
     *
     * @param secrets texts that must not be quoted; may grow
     */
    ErrorCollector(String source, Set<String> secrets) {
        this.source = source;
        this.secrets = secrets;
    }

    /** Adds a fault. Throws if there are too many: a megabyte of invalid input must not become a gigabyte of faults. */
    public void add(String path, String value, String rule) {
        found.add(new ConfigFault(
                clean(path, MAX_TEXT_CHARS),
                clean(masked(value), MAX_VALUE_CHARS),
                clean(masked(rule), MAX_TEXT_CHARS)));
        if (found.size() == MAX_FAULTS) {
            throw new ConfigException(source, found);
        }
    }

    int count() {
        return found.size();
    }

    private String masked(String text) {
        String masked = text;
        for (String secret : secrets) {
            if (secret.length() >= MIN_SECRET) {
                masked = Pattern.compile(Pattern.quote(secret), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                        .matcher(masked)
                        .replaceAll("…");
            }
        }
        return masked;
    }

    public void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ConfigException(source, found);
        }
    }

    /** From the first scheme to the last "@", in one step: the text may be a megabyte. */
    private static String withoutUserInfo(String text) {
        int from = text.indexOf("://");
        int at = text.lastIndexOf('@');
        int colon = text.indexOf(':');
        if (from < 0 && colon >= 0 && colon < at) {
            return "…" + text.substring(at);
        }
        return from < 0 || at < from ? text : text.substring(0, from) + "://…" + text.substring(at);
    }

    /** Whether a character ends a line, moves a cursor or turns text round. */
    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    static String clean(String text, int maxChars) {
        // Redacted before it is cut: a cut could leave a password without the "@" that identifies it.
        String redacted = withoutUserInfo(text);
        String shortened = redacted.length() <= maxChars ? redacted : redacted.substring(0, maxChars) + "…";
        StringBuilder escaped = new StringBuilder(shortened.length());
        shortened.chars().forEach(c -> {
            if (isInvisible(c)) {
                escaped.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                escaped.append((char) c);
            }
        });
        return escaped.toString();
    }
}
