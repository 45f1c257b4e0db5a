package dev.evenkeel.lb.core.internal.load;

import dev.evenkeel.lb.LoadReport;
import org.jspecify.annotations.Nullable;

/** Collects the fields of a report by their names in the proto file. */
final class OrcaReportBuilder {
    static final String NAMED_METRICS = "named_metrics";
    static final String UTILIZATION = "utilization";
    static final String REQUEST_COST = "request_cost";

    private final LoadReport.Builder report = LoadReport.builder();
    private double rps;
    private double rpsFractional;

    /** Sets a numeric field; an unknown one is skipped. */
    void set(String name, double value) {
        switch (name) {
            case "cpu_utilization" -> report.cpuUtilization(value);
            case "mem_utilization" -> report.memUtilization(value);
            case "application_utilization" -> report.applicationUtilization(value);
            case "eps" -> report.eps(value);
            case "rps_fractional" -> {
                report.qps(value);
                rpsFractional = value;
            }
            case "rps" -> {
                report.qps(value);
                rps = value;
            }
            default -> {}
        }
    }

    /** Whether a field is a map of names and numbers. */
    static boolean isMap(String name) {
        return name.equals(NAMED_METRICS) || name.equals(UTILIZATION) || name.equals(REQUEST_COST);
    }

    /** Adds an entry of one of the maps. */
    void put(String map, String key, double value) {
        if (map.equals(NAMED_METRICS)) {
            report.metric(key, value);
            return;
        }
        if (!(value >= 0) || (map.equals(UTILIZATION) && value > 1)) {
            throw new IllegalArgumentException("load report's " + map + " of " + Quote.of(key) + " must be "
                    + (map.equals(UTILIZATION) ? "0..1: " : "0 or more: ") + value);
        }
        report.metric(map + "." + key, value);
    }

    LoadReport report() {
        return report.qps(rpsFractional > 0 ? rpsFractional : rps).build();
    }

    /** A number in JSON syntax, so neither NaN nor hexadecimal. */
    static double number(String name, String text) {
        boolean plain = !text.isEmpty() && text.length() <= 64;
        for (int i = 0; plain && i < text.length(); i++) {
            char c = text.charAt(i);
            plain = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
        }
        try {
            if (plain) {
                return Double.parseDouble(text);
            }
        } catch (NumberFormatException e) {
            throw notANumber(name, text, e);
        }
        throw notANumber(name, text, null);
    }

    private static IllegalArgumentException notANumber(String name, String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "load report's " + Quote.of(name) + " must be a number: " + Quote.of(text), cause);
    }
}
