package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.core.internal.log.Printable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Argument checks. */
public final class Preconditions {
    private static final int MAX_TEXT = 8_192;
    private static final int MAX_QUOTED = 100;
    private static final Duration MAX_DURATION = Duration.ofHours(24);

    private Preconditions() {}

    public static <T> T notNull(@Nullable T value, String what) {
        if (value == null) {
            throw new IllegalArgumentException(what + " must not be null");
        }
        return value;
    }

    public static String notBlank(@Nullable String value, String what) {
        String checked = notNull(value, what);
        if (checked.isBlank()) {
            throw new IllegalArgumentException(what + " must not be blank");
        }
        return checked;
    }

    /** Checks that a text has no control characters such as CR, LF and NUL. */
    public static String noControl(@Nullable String value, String what) {
        String checked = notNull(value, what);
        for (int i = 0; i < checked.length(); i++) {
            if (Character.isISOControl(checked.charAt(i))) {
                throw new IllegalArgumentException(
                        what + " must have no control characters: \"" + printable(checked) + "\"");
            }
        }
        return checked;
    }

    /** Checks that a text is a token (RFC 9110 section 5.6.2). */
    public static String token(@Nullable String value, String what) {
        String checked = notBlank(value, what);
        for (int i = 0; i < checked.length(); i++) {
            char c = checked.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                throw new IllegalArgumentException(what + " must be a token of letters, digits and !#$%&'*+-.^_`|~: \""
                        + printable(checked) + "\"");
            }
        }
        return checked;
    }

    /**
     * Checks that a text can be a header's value: printable ASCII. The exception does not quote it: it may be secret.
     */
    public static String headerValue(@Nullable String value, String name) {
        String checked = notNull(value, "the value of header " + name);
        if (checked.length() > MAX_TEXT) {
            throw new IllegalArgumentException("the value of header " + name + " must have at most " + MAX_TEXT
                    + " characters: " + checked.length());
        }
        for (int i = 0; i < checked.length(); i++) {
            char c = checked.charAt(i);
            if (c != '\t' && (c < ' ' || c > '~')) {
                throw new IllegalArgumentException("the value of header " + name
                        + " must consist of tabs and printable ASCII characters: it has U+"
                        + String.format("%04X", (int) c) + " at " + i);
            }
        }
        return checked;
    }

    public static Duration duration(@Nullable Duration value, String what) {
        Duration checked = notNull(value, what);
        if (checked.compareTo(Duration.ofMillis(1)) < 0 || checked.compareTo(MAX_DURATION) > 0) {
            throw new IllegalArgumentException(what + " must be 1 ms to 24 hours: " + checked);
        }
        return checked;
    }

    public static Duration within(@Nullable Duration value, Duration min, Duration max, String what) {
        Duration checked = notNull(value, what);
        if (checked.compareTo(min) < 0 || checked.compareTo(max) > 0) {
            throw new IllegalArgumentException(what + " must be " + min + ".." + max + ": " + checked);
        }
        return checked;
    }

    public static int within(int value, int least, int most, String what) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be " + least + ".." + most + ": " + value);
        }
        return value;
    }

    /** Makes a text safe to be quoted in a message. */
    public static String printable(String text) {
        return Printable.of(text, MAX_QUOTED);
    }
}
