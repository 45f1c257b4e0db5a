package dev.evenkeel.lb.core.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a scraper reads: Prometheus's text format, parsed. */
final class Scrape {
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    final Map<String, String> types = new TreeMap<>();
    private final Map<String, Map<Map<String, String>, Double>> samples = new HashMap<>();

    private Scrape() {}

    static Scrape of(String text) {
        Scrape scrape = new Scrape();
        for (String line : text.split("\n")) {
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (type.matches()) {
                scrape.types.put(type.group(1), type.group(2));
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                if (!sample.matches()) {
                    throw new AssertionError("not a sample: " + line);
                }
                Map<String, String> labels = new TreeMap<>();
                Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
                while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                }
                scrape.samples
                        .computeIfAbsent(sample.group(1), name -> new HashMap<>())
                        .put(labels, Double.valueOf(sample.group(3)));
            }
        }
        return scrape;
    }

    /** The sum over all samples that have these labels; NaN if there is none. */
    double sum(String name, String... labels) {
        double sum = Double.NaN;
        for (Map.Entry<Map<String, String>, Double> sample :
                samples.getOrDefault(name, Map.of()).entrySet()) {
            boolean matches = true;
            for (int i = 0; i < labels.length; i += 2) {
                matches &= labels[i + 1].equals(sample.getKey().get(labels[i]));
            }
            if (matches) {
                sum = (Double.isNaN(sum) ? 0 : sum) + sample.getValue();
            }
        }
        return sum;
    }
}
