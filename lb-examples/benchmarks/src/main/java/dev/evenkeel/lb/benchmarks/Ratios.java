package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.benchmarks.subject.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was measured, side by side: for each group of like subjects a table of times, each with its ratio to the group's first
 * line, and for each of ours its ratio to that line and to the fastest peer. A ratio is the median of the rounds' ratios; its
 * spread is the least and the largest of them.
 */
final class Ratios {
    /** Subjects that are compared with each other. */
    private final Map<String, Map<String, List<Measurement>>> groups = new LinkedHashMap<>();

    Ratios(Collection<Measurement> measurements) {
        for (Measurement measurement : measurements) {
            groups.computeIfAbsent(measurement.group(), key -> new LinkedHashMap<>())
                    .computeIfAbsent(measurement.name(), key -> new ArrayList<>())
                    .add(measurement);
        }
    }

    List<String> toMarkdown() {
        List<String> lines = new ArrayList<>();
        groups.forEach((group, subjects) -> {
            TreeSet<Integer> sizes = new TreeSet<>();
            subjects.values().forEach(all -> all.forEach(measurement -> sizes.add(measurement.backends())));
            lines.add("");
            lines.add("### " + group);
            lines.add("");
            StringBuilder head = new StringBuilder("| ns (× the first line; least–largest) |");
            StringBuilder rule = new StringBuilder("|---|");
            for (int size : sizes) {
                head.append(String.format(Locale.ROOT, " %,d backends |", size));
                rule.append("---:|");
            }
            lines.add(head + " B |");
            lines.add(rule + "---:|");
            List<Measurement> first = subjects.values().iterator().next();
            subjects.forEach((name, all) -> lines.add(line(name, all, first, sizes)));
        });
        return lines;
    }

    private static String line(String name, List<Measurement> all, List<Measurement> first, Set<Integer> sizes) {
        StringBuilder line = new StringBuilder("| ").append(name).append(" |");
        for (int size : sizes) {
            List<Measurement> here = of(all, size);
            if (here.isEmpty()) {
                line.append(" |");
                continue;
            }
            line.append(' ').append(number(median(here, Measurement::nanos)));
            Spread ratio = Spread.of(here, of(first, size));
            if (ratio != null && all != first) {
                line.append(" (").append(ratio).append(')');
            }
            line.append(" |");
        }
        return line.append(' ')
                .append(number(median(all, Measurement::bytes)))
                .append(" |")
                .toString();
    }

    List<String> toCsv() {
        List<String> lines = new ArrayList<>();
        lines.add("group,subject,backends,nanos,bytes,to,ratio,least,largest");
        groups.forEach((group, subjects) -> {
            String firstName = subjects.keySet().iterator().next();
            subjects.forEach((name, all) -> {
                for (int size :
                        new TreeSet<>(all.stream().map(Measurement::backends).toList())) {
                    List<Measurement> here = of(all, size);
                    csv(lines, group, name, size, here, firstName, of(subjects.get(firstName), size));
                    String peer = name.startsWith(Entry.EVENKEEL) ? fastestPeer(subjects, size) : null;
                    if (peer != null) {
                        csv(lines, group, name, size, here, peer, of(subjects.get(peer), size));
                    }
                }
            });
        });
        return lines;
    }

    private static void csv(
            List<String> lines,
            String group,
            String name,
            int size,
            List<Measurement> here,
            String to,
            List<Measurement> reference) {
        Spread ratio = Spread.of(here, reference);
        if (ratio != null) {
            lines.add(String.format(
                    Locale.ROOT,
                    "\"%s\",%s,%d,%.1f,%.1f,%s,%.3f,%.3f,%.3f",
                    group,
                    name,
                    size,
                    median(here, Measurement::nanos),
                    median(here, Measurement::bytes),
                    to,
                    ratio.median,
                    ratio.least,
                    ratio.largest));
        }
    }

    private static @Nullable String fastestPeer(Map<String, List<Measurement>> subjects, int size) {
        String fastest = null;
        double least = Double.POSITIVE_INFINITY;
        for (Map.Entry<String, List<Measurement>> subject : subjects.entrySet()) {
            List<Measurement> here = of(subject.getValue(), size);
            if (isPeer(subject.getKey()) && !here.isEmpty() && median(here, Measurement::nanos) < least) {
                least = median(here, Measurement::nanos);
                fastest = subject.getKey();
            }
        }
        return fastest;
    }

    private static boolean isPeer(String name) {
        return !name.startsWith(Entry.EVENKEEL) && !name.startsWith(Entry.FLOOR);
    }

    private static List<Measurement> of(@Nullable List<Measurement> all, int size) {
        return all == null
                ? List.of()
                : all.stream()
                        .filter(measurement -> measurement.backends() == size)
                        .toList();
    }

    static double median(List<Measurement> all, ToDoubleFunction<Measurement> figure) {
        return Spread.median(all.stream().mapToDouble(figure).toArray());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
    }

    /** The ratios of the rounds that both sides were measured in. */
    private record Spread(double median, double least, double largest) {

        static @Nullable Spread of(List<Measurement> here, List<Measurement> reference) {
            double[] ratios = here.stream()
                    .flatMapToDouble(one -> reference.stream()
                            .filter(other -> other.round() == one.round())
                            .mapToDouble(other -> one.nanos() / other.nanos()))
                    .sorted()
                    .toArray();
            return ratios.length == 0 ? null : new Spread(median(ratios), ratios[0], ratios[ratios.length - 1]);
        }

        static double median(double[] values) {
            double[] sorted = values.clone();
            java.util.Arrays.sort(sorted);
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        @Override
        public String toString() {
            return least == largest
                    ? String.format(Locale.ROOT, "%.2f", median)
                    : String.format(Locale.ROOT, "%.2f; %.2f–%.2f", median, least, largest);
        }
    }
}
