package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.PoolFigures.CheckFigures;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The cells of a backend's row that are texts for people, by the name of the cell. */
final class BackendTexts {
    private static final Pattern MILLIS = Pattern.compile("another (\\d{1,15}) ms");

    private BackendTexts() {}

    static Map<String, String> of(BackendRow row) {
        BackendStatus status = row.status();
        Map<String, String> texts = new LinkedHashMap<>();
        Duration stateFor = row.figures().stateFor();
        texts.put("since", stateFor == null ? "\u2013" : ShortDuration.text(stateFor));
        texts.put("why", why(row));
        texts.put("check", check(row.figures().lastCheck()));
        texts.put("weight", WeightTexts.of(status, row.figures().weight()));
        int limit = row.figures().limit();
        texts.put("inFlight", limit == 0 ? Integer.toString(status.inFlight()) : status.inFlight() + " of " + limit);
        texts.put("responses", OutcomeTexts.responses(status.outcomes()));
        texts.put("faults", OutcomeTexts.errors(status.outcomes()));
        texts.put("retries", Long.toString(row.figures().retries()));
        texts.put(
                "outs",
                row.figures().ejections().total() + " / "
                        + row.figures().breakerOpenings().total());
        texts.put("latency", latency(row));
        return texts;
    }

    /** The explanation, such as {@code down for 2 min: connection refused, check 3 of 3}. */
    static String why(BackendRow row) {
        String text = MILLIS.matcher(row.status().explanation())
                .replaceAll(
                        found -> "another " + ShortDuration.text(Duration.ofMillis(Long.parseLong(found.group(1)))));
        Duration stateFor = row.figures().stateFor();
        if (!text.startsWith("down: ") || stateFor == null) {
            return text;
        }
        CheckFigures check = row.figures().lastCheck();
        String count = check == null || check.needed() < 2
                ? ""
                : ", " + (check.state() == HealthState.DOWN ? "check " : "good check ") + check.count() + " of "
                        + check.needed();
        return "down for " + ShortDuration.text(stateFor) + text.substring("down".length()) + count;
    }

    /** The last check, such as {@code down in 3 ms, 7 s ago: connection refused (1 of 3)}. */
    private static String check(@Nullable CheckFigures check) {
        if (check == null) {
            return "no check";
        }
        StringBuilder text = new StringBuilder(check.state().name().toLowerCase(Locale.ROOT));
        text.append(" in ").append(ShortDuration.text(check.duration())).append(", ");
        text.append(ShortDuration.text(check.age())).append(" ago");
        boolean isToldWithState = check.state() == HealthState.DOWN && check.count() == check.needed();
        if (check.state() != HealthState.UP && !isToldWithState) {
            text.append(": ").append(check.cause());
            text.append(" (")
                    .append(check.count())
                    .append(" of ")
                    .append(check.needed())
                    .append(')');
        }
        return text.toString();
    }

    /** The median and the 99th percentile, such as {@code 4.10 / 12.31}, in milliseconds, which breaks after the slash only. */
    private static String latency(BackendRow row) {
        Double median = row.latencyMillis();
        Double p99 = row.latencyP99Millis();
        if (median == null) {
            return "\u2013";
        }
        StringBuilder text = Decimals.hundredths(new StringBuilder(), median);
        return (p99 == null ? text : Decimals.hundredths(text.append("\u00a0/ "), p99)).toString();
    }
}
