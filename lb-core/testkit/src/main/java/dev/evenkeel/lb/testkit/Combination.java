package dev.evenkeel.lb.testkit;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One cell of the matrix. Its text, such as {@code busy / 65 / 1:2:3 / slow start / seed 7}, is what a failure names and what
 * {@link #parse} reads.
 *
 * @param load how many calls there are
 * @param size the number of backends, at least 2
 * @param weights the weights of the backends
 * @param feature what else goes on in the pool
 * @param seed of all random numbers
 */
public record Combination(Load load, int size, Weighting weights, Feature feature, long seed) {
    public Combination {
        if (size < 2) {
            throw new IllegalArgumentException("size must be at least 2: " + size);
        }
    }

    /**
     * Reads the text of a combination.
     *
     * @param text as {@link #toString} writes it
     * @return the combination
     * @throws IllegalArgumentException if it is not such a text
     */
    public static Combination parse(String text) {
        String[] parts = text.strip().split(" / ", -1);
        if (parts.length != 5 || !parts[4].startsWith("seed ")) {
            throw new IllegalArgumentException(
                    "a combination reads \"load / size / weights / feature / seed n\": " + text);
        }
        return new Combination(
                named(Load.values(), parts[0]),
                Integer.parseInt(parts[1]),
                named(Weighting.values(), parts[2]),
                named(Feature.values(), parts[3]),
                Long.parseLong(parts[4].substring("seed ".length())));
    }

    private static <E extends Enum<E>> E named(E[] values, String text) {
        return Arrays.stream(values)
                .filter(value -> value.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown \"" + text + "\"; expected one of "
                        + Arrays.stream(values).map(Enum::toString).collect(Collectors.joining(", "))));
    }

    @Override
    public String toString() {
        return load + " / " + size + " / " + weights + " / " + feature + " / seed " + seed;
    }
}
