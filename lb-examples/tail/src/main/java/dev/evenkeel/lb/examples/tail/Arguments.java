package dev.evenkeel.lb.examples.tail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The command line of a measurement.
 *
 * @param numbers options with a number
 * @param words what is not an option
 * @param out the folder for figures, {@code --out}; else {@code target/results}
 */
record Arguments(Map<String, Integer> numbers, List<String> words, Path out) {

    /** Any but these options is refused. */
    static Arguments of(Set<String> known, String... args) {
        Map<String, Integer> numbers = new HashMap<>();
        List<String> words = new ArrayList<>();
        Path out = Path.of("target", "results");
        for (int i = 0; i < args.length; i++) {
            String option = args[i];
            if (!option.startsWith("--")) {
                words.add(option);
            } else if (i + 1 == args.length) {
                throw new IllegalArgumentException(option + " needs a value");
            } else if (option.equals("--out")) {
                out = Path.of(args[++i]);
            } else if (known.contains(option)) {
                numbers.put(option, Integer.parseInt(args[++i]));
            } else {
                throw new IllegalArgumentException("unknown option " + option + "; expected one of --out, " + known);
            }
        }
        return new Arguments(numbers, words, out);
    }

    int number(String option, int otherwise) {
        return numbers.getOrDefault(option, otherwise);
    }

    List<String> words(String... otherwise) {
        return words.isEmpty() ? List.of(otherwise) : words;
    }
}
