package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Strategies by name: the built-in ones, then the providers that {@link ServiceLoader} finds. */
final class StrategyNames {

    private static final int MAX_FAULTS = 100;

    private StrategyNames() {}

    /** One line each; the name is the strategy's own. */
    private static List<LoadBalancingStrategy> builtIn() {
        return List.of(
                Strategies.adaptive(),
                Strategies.roundRobin(),
                Strategies.weightedRoundRobin(),
                Strategies.random(),
                Strategies.ipHash(),
                Strategies.consistentHash(),
                Strategies.leastConnections(),
                Strategies.weightedLeastConnections(),
                Strategies.powerOfTwo(),
                Strategies.leastResponseTime(),
                Strategies.resourceBased(),
                Strategies.latencyTiers());
    }

    static LoadBalancingStrategy find(String name) {
        for (LoadBalancingStrategy strategy : builtIn()) {
            if (strategy.name().equals(name)) {
                return strategy;
            }
        }
        Providers found = found();
        LoadBalancingStrategy strategy = found.byName.get(name);
        if (strategy == null) {
            throw unknown(name, found);
        }
        return strategy;
    }

    static List<String> all() {
        return all(found());
    }

    private static List<String> all(Providers found) {
        List<String> names = new ArrayList<>();
        builtIn().forEach(strategy -> names.add(strategy.name()));
        found.byName.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
        return List.copyOf(names);
    }

    private static IllegalArgumentException unknown(String name, Providers found) {
        List<String> names = all(found);
        String shown = name.length() > 64 ? name.substring(0, 64) + "…" : name;
        IllegalArgumentException unknown = new IllegalArgumentException(
                "unknown strategy \"" + shown + "\"; " + hint(shown, names) + " one of " + String.join(", ", names));
        found.faults.forEach(unknown::addSuppressed);
        return unknown;
    }

    /** Names the nearest, unless more than half of its letters would have to change. */
    private static String hint(String shown, List<String> names) {
        String nearest = names.stream()
                .min(Comparator.comparingInt(known -> distance(known, shown)))
                .orElseThrow();
        return 2 * distance(nearest, shown) > nearest.length()
                ? "expected"
                : "did you mean \"" + nearest + "\"? Expected";
    }

    /** Levenshtein distance: how many letters to insert, remove or replace, whatever their case. */
    private static int distance(String known, String shown) {
        String a = known.toLowerCase(Locale.ROOT);
        String b = shown.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    /** A provider that cannot be loaded must not fail the look-up of another one: its error goes with "unknown". */
    private static Providers found() {
        Providers found = new Providers(new TreeMap<>(), new ArrayList<>());
        find(ServiceLoader.load(LoadBalancingStrategy.class), found);
        find(ServiceLoader.load(LoadBalancingStrategy.class, StrategyNames.class.getClassLoader()), found);
        return found;
    }

    private static void find(ServiceLoader<LoadBalancingStrategy> loader, Providers found) {
        Iterator<LoadBalancingStrategy> strategies = loader.iterator();
        while (found.faults.size() < MAX_FAULTS) {
            try {
                if (!strategies.hasNext()) {
                    return;
                }
                LoadBalancingStrategy strategy = strategies.next();
                found.byName.putIfAbsent(strategy.name(), strategy);
            } catch (ServiceConfigurationError | RuntimeException e) {
                found.faults.add(e);
            }
        }
    }

    private record Providers(TreeMap<String, LoadBalancingStrategy> byName, List<Throwable> faults) {}
}
