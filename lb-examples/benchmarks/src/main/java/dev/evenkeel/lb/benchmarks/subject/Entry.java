package dev.evenkeel.lb.benchmarks.subject;

import java.util.Locale;
import java.util.function.IntFunction;

/**
 * One line of the comparison.
 *
 * @param kind what it is compared with
 * @param mode how much of a call it covers
 * @param owner {@code floor}, {@code evenkeel} or a peer
 * @param algorithm what its owner calls it
 * @param maker makes it for a number of backends
 */
public record Entry(Kind kind, Mode mode, String owner, String algorithm, IntFunction<Subject> maker) {

    /** The owner of what is written by hand. */
    public static final String FLOOR = "floor";
    /** The owner of our strategies. */
    public static final String EVENKEEL = "evenkeel";

    /** Unique, without spaces: a JMH parameter and a column of the CSV. */
    public String id() {
        return String.format(Locale.ROOT, "%s/%s/%s/%s", kind, mode, owner, algorithm)
                .toLowerCase(Locale.ROOT);
    }
}
