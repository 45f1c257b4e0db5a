package dev.evenkeel.lb.core.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The backends as CSV (RFC 4180): a line of names, then a line for each backend. */
final class StatsCsv {
    private StatsCsv() {}

    static String of(List<PoolRow> pools) {
        StringBuilder csv = new StringBuilder();
        for (int i = 0; i < pools.size(); i++) {
            for (BackendRow row : pools.get(i).backends("p" + i)) {
                Map<String, @Nullable Object> values =
                        flat(pools.get(i).snapshot().pool(), row);
                if (csv.isEmpty()) {
                    csv.append(String.join(",", values.keySet())).append("\r\n");
                }
                StringJoiner line = new StringJoiner(",", "", "\r\n");
                values.values().forEach(value -> line.add(field(value)));
                csv.append(line);
            }
        }
        return csv.toString();
    }

    private static Map<String, @Nullable Object> flat(String pool, BackendRow row) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        flat.put("pool", pool);
        row.values().forEach((name, value) -> {
            if (value instanceof Map<?, ?> counts) {
                counts.forEach((key, count) -> flat.put(name + "." + key, count));
            } else if (!name.equals("key")) {
                flat.put(name, value);
            }
        });
        return flat;
    }

    /** A text that a spreadsheet would take for a formula begins with an apostrophe. */
    private static String field(@Nullable Object value) {
        if (!(value instanceof String text)) {
            return value == null ? "" : value.toString();
        }
        String safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return safe.matches("(?s).*[\",\r\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }
}
