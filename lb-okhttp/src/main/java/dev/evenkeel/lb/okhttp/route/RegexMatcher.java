package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;

/**
 * It matches as a whole.
 *
 * @param regex the expression
 */
record RegexMatcher(BoundedRegex regex) implements ValueMatcher {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if null
     */
    RegexMatcher {
        Preconditions.notNull(regex, "regex");
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
