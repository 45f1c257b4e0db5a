package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.regex.BoundedRegex;
import java.util.List;

/** What is asked of the value of a header, a cookie or a query parameter. */
public sealed interface ValueTest {
    /** There is one, whatever its value. */
    ValueTest PRESENT = new Present();

    /** There is none. */
    ValueTest ABSENT = new Absent();

    /**
     * Whether values pass.
     *
     * @param values all of one name; empty if there is none
     * @return whether one of them does
     */
    boolean passes(List<String> values);

    /**
     * It is equal.
     *
     * @param value the value, in its case
     */
    record Is(String value) implements ValueTest {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if null
         */
        public Is {
            Checks.notNull(value, "value");
        }

        @Override
        public boolean passes(List<String> values) {
            return values.contains(value);
        }
    }

    /**
     * It matches as a whole.
     *
     * @param regex the expression
     */
    record Matches(BoundedRegex regex) implements ValueTest {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if null
         */
        public Matches {
            Checks.notNull(regex, "regex");
        }

        @Override
        public boolean passes(List<String> values) {
            for (String value : values) {
                if (regex.matches(value)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** See {@link #PRESENT}. */
    record Present() implements ValueTest {
        @Override
        public boolean passes(List<String> values) {
            return !values.isEmpty();
        }
    }

    /** See {@link #ABSENT}. */
    record Absent() implements ValueTest {
        @Override
        public boolean passes(List<String> values) {
            return values.isEmpty();
        }
    }

    /**
     * A test for equality.
     *
     * @param value the value, in its case
     * @return the test
     * @throws IllegalArgumentException if null
     */
    static ValueTest is(String value) {
        return new Is(value);
    }

    /**
     * A test by a regular expression.
     *
     * @param regex matches the value as a whole
     * @return the test
     * @throws IllegalArgumentException if it is none
     */
    static ValueTest matches(String regex) {
        return new Matches(BoundedRegex.of(regex));
    }
}
