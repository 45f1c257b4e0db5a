package dev.evenkeel.lb.core.internal.load;

import dev.evenkeel.lb.LoadReport;
import java.util.HashSet;
import java.util.Set;

/** Parser of the TEXT form, as in Envoy. */
final class OrcaText {

    private OrcaText() {}

    static LoadReport parse(String text) {
        OrcaReportBuilder fields = new OrcaReportBuilder();
        Set<String> seen = new HashSet<>();
        for (int start = 0; start <= text.length(); ) {
            int comma = text.indexOf(',', start);
            int end = comma < 0 ? text.length() : comma;
            entry(text.substring(start, end), seen, fields);
            start = end + 1;
        }
        return fields.report();
    }

    private static void entry(String entry, Set<String> seen, OrcaReportBuilder fields) {
        int equals = separator(entry);
        if (equals < 0) {
            throw new IllegalArgumentException("load report must have entries name=value: " + Quote.of(entry));
        }
        String name = entry.substring(0, equals).trim();
        double value =
                OrcaReportBuilder.number(name, entry.substring(equals + 1).trim());
        if (!seen.add(name)) {
            throw new IllegalArgumentException("load report must have each name once: " + Quote.of(name));
        }
        int dot = name.indexOf('.');
        if (dot > 0 && OrcaReportBuilder.isMap(name.substring(0, dot))) {
            fields.put(name.substring(0, dot), name.substring(dot + 1), value);
        } else {
            fields.set(name, value);
        }
    }

    private static int separator(String entry) {
        for (int i = 0; i < entry.length(); i++) {
            if (entry.charAt(i) == '=' || entry.charAt(i) == ':') {
                return i;
            }
        }
        return -1;
    }
}
