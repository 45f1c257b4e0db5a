package dev.evenkeel.lb.okhttp.route;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression that cannot run away. {@code java.util.regex} backtracks: {@code (a+)+b} takes 2^n steps over n times
 * {@code a}. So each character that it looks at is counted, and beyond 20,000 it is stopped, which is well below a
 * millisecond; so it is when it needs more stack than the thread has. Then the call fails with a message that names the
 * expression.
 *
 * <p>Immutable; equal to another one of the same text.
 */
public final class BoundedRegex {
    private static final int MAX_LENGTH = 1_000;
    private static final int MAX_STEPS = 20_000;

    private final Pattern pattern;

    private BoundedRegex(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Compiles an expression.
     *
     * @param regex of {@code java.util.regex}, at most 1,000 characters
     * @return the expression
     * @throws IllegalArgumentException if it is none, or too long
     */
    public static BoundedRegex of(String regex) {
        Checks.notNull(regex, "regex");
        if (regex.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "regex must have at most " + MAX_LENGTH + " characters: " + regex.length());
        }
        try {
            return new BoundedRegex(Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "regex must be one of java.util.regex: \"" + Checks.printable(regex) + "\" (" + e.getDescription()
                            + " near index " + e.getIndex() + ")",
                    e);
        }
    }

    /**
     * The expression.
     *
     * @return as it was written
     */
    public String text() {
        return pattern.pattern();
    }

    /** Whether the whole of a text matches. */
    boolean matches(String input) {
        try {
            return matcher(input).matches();
        } catch (StackOverflowError e) {
            throw new TooManySteps(this);
        }
    }

    /** A text with its first match replaced. */
    String replaceFirst(String input, String replacement) {
        try {
            return matcher(input).replaceFirst(replacement);
        } catch (StackOverflowError e) {
            throw new TooManySteps(this);
        }
    }

    int groups() {
        return pattern.matcher("").groupCount();
    }

    private Matcher matcher(String input) {
        return pattern.matcher(new Counted(input, new int[1]));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BoundedRegex regex && regex.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }

    /** Thrown out of an expression that took too many steps. */
    static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManySteps(BoundedRegex regex) {
            super("the regular expression \"" + Checks.printable(regex.text()) + "\" took more than " + MAX_STEPS
                    + " steps; write it without nested repetitions");
        }
    }

    /** Counts what is looked at. */
    private final class Counted implements CharSequence {
        private final CharSequence text;
        private final int[] steps;

        Counted(CharSequence text, int[] steps) {
            this.text = text;
            this.steps = steps;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++steps[0] > MAX_STEPS) {
                throw new TooManySteps(BoundedRegex.this);
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text.subSequence(start, end), steps);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
