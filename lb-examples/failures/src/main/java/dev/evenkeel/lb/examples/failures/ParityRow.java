package dev.evenkeel.lb.examples.failures;

import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * What the clients met in a cell: plain OkHttp with one server, then clients that are attached to two and to three.
 *
 * @param cell which
 * @param gets of each client
 * @param posts of each client
 */
record ParityRow(ParityCell cell, List<ParityCount> gets, List<ParityCount> posts) {
    static final String HEAD = """
            | the servers | protocol | calls | GETs failed | POSTs failed | POSTs twice | connections of the POSTs |
            |---|---|---:|---:|---:|---:|---:|
            """;

    static ParityCount plain(List<ParityCount> counts) {
        return counts.get(0);
    }

    static List<ParityCount> attached(List<ParityCount> counts) {
        return counts.subList(1, counts.size());
    }

    /** How many GETs may fail in an attached client: none while a server is away, since it has another. */
    int maxFailedGets() {
        return cell.condition().isOutage() ? 0 : plain(gets).failed();
    }

    /** How many POSTs may fail in an attached client. */
    int maxFailedPosts(ParityPlan plan) {
        ParityCount plain = plain(posts);
        int ambiguous = plain.calls() * cell.condition().ambiguousPercent(cell.protocol()) / 100;
        if (cell.condition().isOutage()) {
            int underWay =
                    cell.condition().isAbrupt() ? cell.condition().load(plan).threads() : 0;
            return Math.min(plain.failed(), underWay + ambiguous);
        }
        return Math.max(plain.failed(), ambiguous == 0 ? 0 : plain.twice() + ambiguous);
    }

    /** The line of the table. */
    String line() {
        return cell.title() + " " + plain(gets).calls() + " | " + numbers(gets, ParityCount::failed) + " | "
                + numbers(posts, ParityCount::failed) + " | " + numbers(posts, ParityCount::twice) + " | "
                + numbers(posts, ParityCount::connections) + " |";
    }

    private static String numbers(List<ParityCount> counts, ToIntFunction<ParityCount> number) {
        return counts.stream()
                .map(count -> Integer.toString(number.applyAsInt(count)))
                .collect(Collectors.joining(" / "));
    }

    /** How many connections plain OkHttp would open at most if the server ended none and had no limit. */
    int unbrokenConnections(ParityPlan plan) {
        return cell.protocol().isMultiplexed() ? 1 : cell.condition().load(plan).threads();
    }

    /** Why calls of attached clients failed, the most frequent reasons first. */
    List<String> reasons() {
        return List.of(Map.entry("GET", gets), Map.entry("POST", posts)).stream()
                .flatMap(method -> attached(method.getValue()).stream()
                        .flatMap(count -> count.failures().stream())
                        .map(text -> method.getKey() + ": " + text))
                .collect(Collectors.groupingBy(text -> text, Collectors.counting()))
                .entrySet()
                .stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(reason -> reason.getValue() + " x " + reason.getKey())
                .toList();
    }
}
