package dev.evenkeel.lb.core.internal.document.reader;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as text: a whole number and a unit. */
public final class DurationText {
    public static final String RULE = "a duration such as \"500ms\", \"10s\" or \"1m\"";

    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    // Ten digits of days still fit into a Duration.
    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})(ms|s|m|h|d)");

    /** For a schema. */
    public static final String PATTERN = "^[0-9]{1,10}(ms|s|m|h|d)$";

    private DurationText() {}

    /** Uses the largest unit that leaves a whole number; fractions of a millisecond are lost. */
    public static String of(Duration duration) {
        long millis = duration.toMillis();
        String unit = "ms";
        long divisor = 1;
        for (String larger : List.of("s", "m", "h", "d")) {
            long millisOf = unit(larger).getDuration().toMillis();
            if (millis != 0 && millis % millisOf == 0) {
                unit = larger;
                divisor = millisOf;
            }
        }
        return millis / divisor + unit;
    }

    public static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be " + RULE + " (units ms, s, m, h, d): \"" + ErrorCollector.clean(text, 100) + "\"");
        }
        return Duration.of(Long.parseLong(matcher.group(1)), unit(matcher.group(2)));
    }

    private static ChronoUnit unit(String name) {
        return Objects.requireNonNull(UNITS.get(name));
    }
}
