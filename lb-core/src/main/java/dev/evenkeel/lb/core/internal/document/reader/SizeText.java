package dev.evenkeel.lb.core.internal.document.reader;

import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as text: a whole number and a unit of bytes. */
public final class SizeText {
    public static final String RULE = "a size such as \"512B\", \"64KiB\" or \"1MiB\"";
    /** For a schema. */
    public static final String PATTERN = "^[0-9]{1,9}(B|KiB|MiB|GiB)$";

    private static final Map<String, Integer> SHIFTS = Map.of("B", 0, "KiB", 10, "MiB", 20, "GiB", 30);
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(B|KiB|MiB|GiB)");

    private SizeText() {}

    public static long parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be " + RULE + " (units B, KiB, MiB, GiB): \"" + ErrorCollector.clean(text, 100) + "\"");
        }
        return Long.parseLong(matcher.group(1)) << Objects.requireNonNull(SHIFTS.get(matcher.group(2)));
    }

    public static String of(long bytes) {
        for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
            int shift = Objects.requireNonNull(SHIFTS.get(unit));
            if (bytes != 0 && (bytes & ((1L << shift) - 1)) == 0) {
                return (bytes >> shift) + unit;
            }
        }
        return bytes + "B";
    }
}
