package dev.evenkeel.lb.examples.prototype;

import dev.evenkeel.lb.LoadBalancer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Where requests went so far: as lines for the console, as figures for the page. */
final class Journal {
    private static final int SHOWN = 60;

    /** One server on the page. */
    record ServerFigures(String name, String uri, String state, long answers) {}

    /** One pool on the page. */
    record PoolFigures(String name, List<String> rules, String strategy, List<ServerFigures> servers) {}

    /** One request on the page. */
    record VisitFigures(String method, String url, String pool, String server, String outcome, boolean asExpected) {}

    /** All that the page shows; the last visit first. */
    record Figures(long requests, long none, long unexpected, List<PoolFigures> pools, List<VisitFigures> visits) {}

    private final Shop shop;
    private final Deque<Visit> last = new ArrayDeque<>();
    private final Map<String, Long> answersByServer = new TreeMap<>();
    private long requests;
    private long unexpected;

    Journal(Shop shop) {
        this.shop = shop;
    }

    synchronized void add(Visit visit) {
        requests++;
        if (!visit.isAsExpected()) {
            unexpected++;
        }
        answersByServer.merge(visit.server(), 1L, Long::sum);
        last.addFirst(visit);
        if (last.size() > SHOWN) {
            last.removeLast();
        }
    }

    synchronized long unexpected() {
        return unexpected;
    }

    synchronized Figures figures() {
        List<PoolFigures> shown = new ArrayList<>();
        for (LoadBalancer pool : shop.pools()) {
            List<ServerFigures> servers = pool.snapshot().backends().stream()
                    .map(status -> new ServerFigures(
                            status.backend().id(),
                            status.backend().uri().toString(),
                            status.isEligible() ? "in use" : status.explanation(),
                            answersByServer.getOrDefault(status.backend().id(), 0L)))
                    .toList();
            shown.add(new PoolFigures(
                    pool.name(), shop.rules(pool.name()), pool.snapshot().strategy(), servers));
        }
        List<VisitFigures> visits = last.stream()
                .map(visit -> new VisitFigures(
                        visit.step().method(),
                        visit.step().text(),
                        visit.pool(),
                        visit.server(),
                        visit.outcome(),
                        visit.isAsExpected()))
                .toList();
        return new Figures(requests, answersByServer.getOrDefault(Step.NONE, 0L), unexpected, shown, visits);
    }

    static String head() {
        return line("method", "URL", "pool", "server", "");
    }

    static String line(Visit visit) {
        String outcome = visit.isAsExpected()
                ? visit.outcome()
                : visit.outcome() + "  <-- expected: " + visit.step().pool();
        return line(visit.step().method(), visit.step().text(), visit.pool(), visit.server(), outcome);
    }

    private static String line(String method, String url, String pool, String server, String outcome) {
        return String.format(Locale.ROOT, "%-8s %-44s %-7s %-9s %s", method, url, pool, server, outcome)
                .stripTrailing();
    }

    /** The distribution, and how it ended. */
    synchronized List<String> summary() {
        List<String> lines = new ArrayList<>();
        for (LoadBalancer pool : shop.pools()) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-7s", pool.name()));
            pool.snapshot()
                    .backends()
                    .forEach(status -> line.append("  ")
                            .append(status.backend().id())
                            .append(' ')
                            .append(answersByServer.getOrDefault(
                                    status.backend().id(), 0L)));
            lines.add(line.toString());
        }
        lines.add("requests " + requests + ", of no pool " + answersByServer.getOrDefault(Step.NONE, 0L)
                + ", elsewhere than expected " + unexpected);
        return lines;
    }
}
