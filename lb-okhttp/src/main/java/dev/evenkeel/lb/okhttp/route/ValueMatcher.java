package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;

/** A test of the values of a header, a cookie or a query parameter. */
public sealed interface ValueMatcher permits ValueMatcher.Is, RegexMatcher, ValueMatcher.Present, ValueMatcher.Absent {
    /** There is one, whatever its value. */
    ValueMatcher PRESENT = new Present();

    /** There is none. */
    ValueMatcher ABSENT = new Absent();

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
    record Is(String value) implements ValueMatcher {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if null
         */
        public Is {
            Preconditions.notNull(value, "value");
        }

        @Override
        public boolean passes(List<String> values) {
            return values.contains(value);
        }
    }

    /** See {@link #PRESENT}. */
    record Present() implements ValueMatcher {
        @Override
        public boolean passes(List<String> values) {
            return !values.isEmpty();
        }
    }

    /** See {@link #ABSENT}. */
    record Absent() implements ValueMatcher {
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
    static ValueMatcher is(String value) {
        return new Is(value);
    }

    /**
     * A test by a regular expression.
     *
     * @param regex matches the value as a whole
     * @return the test
     * @throws IllegalArgumentException if it is none
     */
    static ValueMatcher matches(String regex) {
        return new RegexMatcher(BoundedRegex.of(regex));
    }
}
