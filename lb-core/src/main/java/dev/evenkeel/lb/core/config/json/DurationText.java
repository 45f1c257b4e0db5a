package dev.evenkeel.lb.core.config.json;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: a whole number and a unit. */
final class DurationText {
    static final String RULE = "a duration such as \"500ms\", \"10s\" or \"1m\"";

    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    // Ten digits of days still fit into a Duration.
    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})(ms|s|m|h|d)");

    private DurationText() {}

    static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be " + RULE + " (units ms, s, m, h, d): \"" + Faults.clean(text, 100) + "\"");
        }
        return Duration.of(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)));
    }
}
