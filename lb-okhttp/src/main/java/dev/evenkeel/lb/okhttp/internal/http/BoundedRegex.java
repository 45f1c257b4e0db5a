package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.core.internal.log.Printable;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression whose matching time is bounded. {@code java.util.regex} backtracks: {@code (a+)+b} takes 2^n
 * steps over n times {@code a}. So each character that it looks at is counted, and beyond 20,000 it is stopped, which
 * is well below a millisecond. It is stopped, too, after a second, and when it needs more stack than the thread has.
 * Then it fails with a message that names the expression.
 *
 * <p>What matches nothing looks at no character. So expressions that can match nothing in many ways are refused: by
 * repetitions, as in {@code (?:(?:){1000}){1000}}, by alternatives, as in {@code (|)(|)(|)} and so on.
 *
 * <p>Immutable; equal to another one of the same text and flags.
 */
public final class BoundedRegex {
    private static final int MAX_LENGTH = 1_000;
    private static final int MAX_QUOTED = 100;
    private static final int MAX_STEPS = 20_000;
    private static final int STEPS_PER_CHARACTER = 16;
    private static final Duration MAX_TIME = Duration.ofSeconds(1);
    /** How many steps are taken between two looks at the clock. */
    private static final int CLOCK_STEPS = 256;

    private final Pattern pattern;
    private final LongSupplier nanoTime;

    private BoundedRegex(Pattern pattern, LongSupplier nanoTime) {
        this.pattern = pattern;
        this.nanoTime = nanoTime;
    }

    /**
     * Compiles an expression.
     *
     * @param regex of {@code java.util.regex}, at most 1,000 characters, without the flag x
     * @return the expression
     * @throws IllegalArgumentException if it is none, is too long, nests counted repetitions beyond 10,000, or can match
     *     nothing in too many ways
     */
    public static BoundedRegex of(String regex) {
        check(Preconditions.notNull(regex, "regex"));
        try {
            return new BoundedRegex(Pattern.compile(regex), System::nanoTime);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "regex must be one of java.util.regex: \"" + Printable.of(regex, MAX_QUOTED) + "\" ("
                            + e.getDescription() + " near index " + e.getIndex() + ")",
                    e);
        }
    }

    /**
     * Bounds an expression that is compiled already, perhaps with flags.
     *
     * @param pattern of at most 1,000 characters, without the flag {@link Pattern#COMMENTS}
     * @return the expression
     * @throws IllegalArgumentException if it is too long, nests counted repetitions beyond 10,000, or can match nothing
     *     in too many ways
     */
    public static BoundedRegex of(Pattern pattern) {
        check(Preconditions.notNull(pattern, "pattern").pattern());
        if ((pattern.flags() & Pattern.COMMENTS) != 0) {
            throw withComments(pattern.pattern());
        }
        return new BoundedRegex(pattern, System::nanoTime);
    }

    /** The same expression under another clock. */
    BoundedRegex timedBy(LongSupplier clock) {
        return new BoundedRegex(pattern, clock);
    }

    private static void check(String regex) {
        if (regex.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "regex must have at most " + MAX_LENGTH + " characters: " + regex.length());
        }
        long repetitions = new Repetitions(regex).most();
        if (repetitions > Repetitions.MAX) {
            throw new IllegalArgumentException("regex must not nest counted repetitions to more than " + Repetitions.MAX
                    + " in all: \"" + Printable.of(regex, MAX_QUOTED) + "\" has " + repetitions);
        }
        EmptyMatches empty = new EmptyMatches(regex);
        long steps = empty.mostSteps();
        if (empty.hasComments()) {
            throw withComments(regex);
        }
        if (steps > EmptyMatches.MAX) {
            throw new IllegalArgumentException("regex must not be able to match nothing in so many ways that they take"
                    + " more than " + EmptyMatches.MAX + " steps: \"" + Printable.of(regex, MAX_QUOTED)
                    + "\"; leave out empty alternatives, and repetitions in repetitions");
        }
    }

    private static IllegalArgumentException withComments(String regex) {
        return new IllegalArgumentException("regex must not have the flag x, comments: \""
                + Printable.of(regex, MAX_QUOTED) + "\"; write it without white space and comments");
    }

    /**
     * The expression.
     *
     * @return as it was written
     */
    public String text() {
        return pattern.pattern();
    }

    /**
     * Whether the whole of a text matches.
     *
     * @param input the text
     * @return whether it does
     * @throws IllegalStateException if that takes too long
     */
    public boolean matches(String input) {
        return bounded(() -> matcher(input).matches());
    }

    /**
     * Whether a part of a text matches, which may be a long one: 16 steps for each of its characters are taken, if
     * those are more.
     *
     * @param input the text
     * @return whether there is a match
     * @throws IllegalStateException if that takes too long
     */
    public boolean isFoundIn(String input) {
        int bound = (int) Math.min(Integer.MAX_VALUE, (long) STEPS_PER_CHARACTER * input.length());
        return bounded(() -> matcher(input, Math.max(MAX_STEPS, bound)).find());
    }

    /**
     * What the first group of the first match has.
     *
     * @param input the text
     * @return null if there is no match, or the group has no part in it
     * @throws IllegalStateException if that takes too long
     */
    public @Nullable String firstGroupIn(String input) {
        Matcher matcher = matcher(input);
        boolean found = bounded(matcher::find);
        return found && matcher.start(1) >= 0 ? input.substring(matcher.start(1), matcher.end(1)) : null;
    }

    /**
     * Replaces the first match.
     *
     * @param input the text
     * @param replacement as {@link Matcher#replaceFirst(String)} takes it
     * @return the text with its first match replaced
     * @throws IllegalStateException if that takes too long
     */
    public String replaceFirst(String input, String replacement) {
        return bounded(() -> matcher(input).replaceFirst(replacement));
    }

    /**
     * How many groups it has.
     *
     * @return without the whole match
     */
    public int groups() {
        return pattern.matcher("").groupCount();
    }

    private <T> T bounded(Supplier<T> search) {
        try {
            return search.get();
        } catch (StackOverflowError e) {
            throw new TooManySteps(this, "needs more stack than a thread has");
        }
    }

    private Matcher matcher(String input) {
        return matcher(input, MAX_STEPS);
    }

    private Matcher matcher(String input, int bound) {
        return pattern.matcher(new Counted(input, new int[] {bound}, bound, nanoTime.getAsLong()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BoundedRegex regex
                && regex.text().equals(text())
                && regex.pattern.flags() == pattern.flags();
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }

    /** Thrown if an expression takes too many steps. */
    static final class TooManySteps extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        TooManySteps(BoundedRegex regex, String what) {
            super("the regular expression \"" + Printable.of(regex.text(), MAX_QUOTED) + "\" " + what
                    + "; write it without nested repetitions");
        }
    }

    /** Counts the characters that are read. */
    private final class Counted implements CharSequence {
        private final CharSequence text;
        private final int[] left;
        private final int bound;
        private final long startNanos;

        Counted(CharSequence text, int[] left, int bound, long startNanos) {
            this.text = text;
            this.left = left;
            this.bound = bound;
            this.startNanos = startNanos;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left[0] < 0) {
                throw new TooManySteps(BoundedRegex.this, "took more than " + bound + " steps");
            }
            if (left[0] % CLOCK_STEPS == 0 && nanoTime.getAsLong() - startNanos > MAX_TIME.toNanos()) {
                throw new TooManySteps(BoundedRegex.this, "took more than " + MAX_TIME.toSeconds() + " s");
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text.subSequence(start, end), left, bound, startNanos);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
