package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.benchmarks.subject.Catalogue;
import dev.evenkeel.lb.benchmarks.subject.Entry;
import dev.evenkeel.lb.benchmarks.subject.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * How much to measure.
 *
 * @param sizes numbers of backends
 * @param threads numbers of threads
 * @param modes how much of a call
 * @param subjects which entries, by their id
 * @param calls whether whole OkHttp calls are measured too
 * @param rounds how often everything is measured, each time in a JVM of its own
 * @param warmupMillis the warm-up of one fork
 * @param measuredMillis the measurement of one fork
 */
record Profile(
        List<Integer> sizes,
        List<Integer> threads,
        Set<Mode> modes,
        Predicate<String> subjects,
        boolean calls,
        int rounds,
        int warmupMillis,
        int measuredMillis) {

    /** The sizes that tell most, each choice and each call on one thread and on two. */
    static final Profile DEFAULT = new Profile(
            List.of(3, 100, 10_000), List.of(1, 2), Set.of(Mode.PICK, Mode.CALL), id -> true, true, 2, 500, 300);

    static final String USAGE = """
            options: --quick               one round of one size, about a minute
                     --full                every size, mode and thread count in three rounds, about an hour
                     --only REGEX          subjects whose id contains a match, such as rotation/ or evenkeel/adaptive;
                                           whole calls are call/okhttp/…
                     --sizes 3,100         numbers of backends
                     --threads 1,2         numbers of threads
                     --rounds N            how often
                     --millis WARM,MEASURE how long a fork warms up and measures
                     --out DIR             where CSV and SVG go; default target/results
                     --routes              finding one of 10, 100 and 1,000 routes, half a minute
                     --flapping            calls while the health of 10,000 backends changes, about five minutes
                     --checks              TCP checks of 10,000 backends each second, beside their sockets, four minutes
                     --first-call          the time to the first answer of 20 fresh JVMs each, a minute
                     --membership          the cost of a change of the list, and memory, up to 100,000 backends
                     --ratios FILE         measure nothing, print the ratios of an earlier run's pick.csv
                     --draw                measure nothing, draw every SVG of results (or of --out) from its CSV""";

    static Profile of(List<String> args) {
        Profile profile = DEFAULT;
        for (int i = 0; i < args.size(); i++) {
            switch (args.get(i)) {
                case "--quick" ->
                    profile = new Profile(
                            List.of(100), List.of(1), Set.of(Mode.PICK, Mode.CALL), id -> true, true, 1, 300, 200);
                case "--full" ->
                    profile = new Profile(
                            List.of(3, 10, 100, 1_000, 10_000),
                            List.of(1, 2),
                            Set.of(Mode.values()),
                            id -> true,
                            true,
                            3,
                            600,
                            600);
                case "--only" -> profile = profile.only(value(args, ++i));
                case "--sizes" -> profile = profile.sized(numbers(value(args, ++i), 2, 65_536), profile.threads);
                case "--threads" -> profile = profile.sized(profile.sizes, numbers(value(args, ++i), 1, 1_024));
                case "--rounds" ->
                    profile = profile.timed(
                            numbers(value(args, ++i), 1, 1_000).get(0), profile.warmupMillis, profile.measuredMillis);
                case "--millis" -> {
                    List<Integer> millis = numbers(value(args, ++i), 1, 600_000);
                    profile = profile.timed(profile.rounds, millis.get(0), millis.get(millis.size() - 1));
                }
                case "--out" -> value(args, ++i);
                default -> throw new IllegalArgumentException("unknown option " + args.get(i) + "\n" + USAGE);
            }
        }
        return profile;
    }

    List<Entry> entries() {
        return Catalogue.entries().stream()
                .filter(entry -> modes.contains(entry.mode()) && subjects.test(entry.id()))
                .toList();
    }

    private Profile only(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return new Profile(
                sizes, threads, modes, id -> pattern.matcher(id).find(), calls, rounds, warmupMillis, measuredMillis);
    }

    private Profile sized(List<Integer> newSizes, List<Integer> newThreads) {
        return new Profile(newSizes, newThreads, modes, subjects, calls, rounds, warmupMillis, measuredMillis);
    }

    private Profile timed(int newRounds, int newWarmupMillis, int newMeasuredMillis) {
        return new Profile(sizes, threads, modes, subjects, calls, newRounds, newWarmupMillis, newMeasuredMillis);
    }

    static String value(List<String> args, int index) {
        if (index >= args.size()) {
            throw new IllegalArgumentException(args.get(index - 1) + " needs a value\n" + USAGE);
        }
        return args.get(index);
    }

    private static List<Integer> numbers(String text, int least, int most) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int number;
            try {
                number = Integer.parseInt(part);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("not a number: \"" + part + "\"", e);
            }
            if (number < least || number > most) {
                throw new IllegalArgumentException("must be " + least + ".." + most + ": " + number);
            }
            numbers.add(number);
        }
        return numbers;
    }
}
